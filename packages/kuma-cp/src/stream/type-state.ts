import { type EncodedResource, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { withoutOnePolicy } from '@kuma-mesh/xds-encode/patches/partly-patched.ts';
import { culpritsNamed, isForNow, wordsAbout } from './culprits.ts';
import { type Possession, type PresumedResponse, PresumedResponses } from './presumed.ts';
import { Refusals, type Refused } from './refusals.ts';
import { firstOf, type RefusedBefore } from './refused-before.ts';

/** What a peer should be told of one type, now. */
export interface Due {
  readonly changed: readonly EncodedResource[];
  /** Names that the peer has and that are no more. */
  readonly removed: readonly string[];
  /** Names that the peer asked for and that do not exist, or that it has half of. */
  readonly absent: readonly string[];
  /** A response is owed even if it says nothing. */
  readonly answer: boolean;
  /** Among `changed` are resources that the peer waits for: new to it, or asked for again. */
  readonly awaited: boolean;
}

interface InFlight {
  readonly nonce: string;
  readonly changed: readonly EncodedResource[];
  /** `changed` in the words in which the peer is told. */
  readonly told: readonly EncodedResource[];
  readonly removed: readonly string[];
  readonly awaited: boolean;
}

type Resources = ReadonlyMap<string, EncodedResource>;

const nothing: Due = { changed: [], removed: [], absent: [], answer: false, awaited: false };

/**
 * One type on one stream: what the peer wants and has, what is under way, and what it refused. Knows no transport; the
 * forms of the protocol (delta, state of the world) drive it and put its `Due` into words.
 *
 * A refused resource is held back until its content changes: for the peer its last accepted version stays in force. Where
 * there is none, or it holds no patch, it gets the resource as it is without patches, and where it does, the patches that it
 * took with what has changed without them; then with what ever more policies say now: so a patch that Envoy rejects neither
 * leaves a proxy that starts without the resource or without the patches of others, nor keeps other changes of the resource
 * away, those of other patches among them. What is refused for the sake of the proxy's host has another chance without being
 * changed: `tryAgain`. What could not be encoded is held back before anybody is asked.
 */
export class TypeState {
  readonly typeUrl: string;
  readonly #refusedBefore: RefusedBefore;
  readonly #tellsRemovals: boolean;
  readonly #tellsAbsence: boolean;
  readonly #wanted = new Set<string>();
  #wildcard = false;
  readonly #has = new Map<string, Possession>();
  readonly #refusals = new Refusals();
  /** To be sent although the peer has them. */
  readonly #again = new Set<string>();
  readonly #toldAbsent = new Set<string>();
  /** Refused clusters that Envoy is to be told of as they were: see `#takeBack`. */
  readonly #takenBack = new Set<string>();
  #answer = false;
  #inFlight: InFlight | undefined;
  readonly #presumed = new PresumedResponses();
  /** Groups to be sent apart, in order, until the one at fault in a refused response is found. */
  readonly #trials: string[][] = [];
  #dueOf: { readonly resources: Resources; readonly due: Due } | undefined;
  /** What is under way is all that is due of these; undefined when it is not, or something happened since. */
  #allUnderWay: Resources | undefined;

  /**
   * `form`: state of the world cannot say that a named resource is gone, only that one of a whole list is; and of endpoints that
   * there are none, for which Envoy would wait otherwise.
   */
  constructor(typeUrl: string, form: 'delta' | 'sotw', refusedBefore: RefusedBefore) {
    this.typeUrl = typeUrl;
    this.#refusedBefore = refusedBefore;
    this.#tellsRemovals = form === 'delta' || this.listsAll;
    this.#tellsAbsence = this.#tellsRemovals || typeUrl === typeUrls.endpoints;
  }

  /** Types of which an empty subscription means everything. */
  get listsAll(): boolean {
    return this.typeUrl === typeUrls.cluster || this.typeUrl === typeUrls.listener;
  }

  get nonceInFlight(): string | undefined {
    return this.#inFlight?.nonce;
  }

  get inFlight(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Whether a response with this nonce still has no verdict. */
  isUnjudged(nonce: string): boolean {
    return this.#inFlight?.nonce === nonce || this.#presumed.has(nonce);
  }

  /** Under way is something that the peer waits for. */
  get awaitedInFlight(): boolean {
    return this.#inFlight?.awaited ?? false;
  }

  /** The peer has no version of some of these yet, is being told that they are gone, or asked for them again: it is to have one. */
  lacks(resources: Resources): boolean {
    if (this.#inFlight?.removed.some((name) => this.isWanted(name) && resources.has(name))) return true;
    for (const name of this.#wildcard ? resources.keys() : this.#wanted) {
      const resource = resources.get(name);
      if (!resource) continue;
      if (this.#again.has(name)) return true;
      if (!this.#has.has(name) && (!this.#refusals.isOf(resource) || this.#instead(resource) !== undefined)) return true;
    }
    return false;
  }

  /** The peer goes on with an older version of something, since it refused the newest. Up to date once `due` was asked. */
  get keepsRefused(): boolean {
    return this.#refusals.keepOld(this.#has);
  }

  /** The peer still asks for something that it has and that is no more: what drains goes on with it. */
  usesGone(resources: Resources): boolean {
    for (const name of this.#has.keys()) {
      if (this.#wanted.has(name) && !resources.has(name)) return true;
    }
    return false;
  }

  /** Something is held back that may be taken later as it is. */
  get refusedForNow(): boolean {
    return this.#refusals.anyForNow;
  }

  /** What was in the way may be gone by now. */
  tryAgain(): void {
    this.#touch();
    this.#refusals.releaseForNow();
  }

  get wanted(): ReadonlySet<string> {
    return this.#wanted;
  }

  isWanted(name: string): boolean {
    return this.#wildcard || this.#wanted.has(name);
  }

  wantAll(): void {
    this.#touch();
    this.#wildcard = true;
  }

  wantNoLongerAll(): void {
    this.#touch();
    this.#wildcard = false;
    this.#forgetUnwanted();
  }

  /** Asking twice for a name is asking to be sent it again. */
  want(names: Iterable<string>): void {
    this.#touch();
    for (const name of names) {
      if (this.#wanted.has(name) || this.#inFlight?.changed.some((resource) => resource.name === name)) {
        this.#again.add(name);
      }
      this.#wanted.add(name);
      this.#toldAbsent.delete(name);
    }
  }

  wantNoMore(names: Iterable<string>): void {
    this.#touch();
    for (const name of names) {
      this.#wanted.delete(name);
    }
    this.#forgetUnwanted();
  }

  /** What the peer says it has, by name and version, when a stream begins. */
  bringAlong(versions: Readonly<Record<string, string>>): void {
    this.#touch();
    for (const [name, version] of Object.entries(versions)) {
      this.#has.set(name, { version });
    }
  }

  /** Sends these again, if the peer wants them, though they are as before; and where they do not exist, that they do not. */
  repeat(names: Iterable<string>): void {
    this.#touch();
    for (const name of names) {
      if (this.isWanted(name)) {
        this.#again.add(name);
        this.#toldAbsent.delete(name);
      }
    }
  }

  /** A response must follow, even an empty one. */
  oweAnswer(): void {
    this.#touch();
    this.#answer = true;
  }

  /** The same value until state or resources change. */
  due(resources: Resources): Due {
    if (this.#inFlight) {
      return nothing;
    }
    if (this.#dueOf?.resources !== resources) {
      this.#dueOf = { resources, due: this.#computeDue(resources) };
    }
    return this.#dueOf.due;
  }

  /** Everything that the peer will have once `changed` has arrived and `removed` are gone; what it keeps on refusal included. */
  whole(changed: readonly EncodedResource[], removed: readonly string[]): readonly EncodedResource[] {
    const all = new Map<string, EncodedResource>();
    for (const [name, { resource }] of this.#has) {
      if (resource) {
        all.set(name, resource);
      }
    }
    for (const resource of changed) {
      all.set(resource.name, resource);
    }
    for (const name of removed) {
      all.delete(name);
    }
    return [...all.values()];
  }

  has(name: string): boolean {
    return this.#has.has(name);
  }

  /** The peer has just this, or it is under way. */
  wasTold({ name, version }: EncodedResource): boolean {
    const underWay = this.#inFlight?.changed.find((each) => each.name === name);
    return (underWay ?? this.#has.get(name))?.version === version;
  }

  /** The version that the peer has, unless only an earlier stream knew it. */
  taken(name: string): EncodedResource | undefined {
    return this.#has.get(name)?.resource;
  }

  /** Of what the peer refuses, the version that it has, or what it is without the patches that are known to be to blame. */
  harmless(name: string): EncodedResource | undefined {
    return this.#refusals.known(name)?.harmless ?? this.taken(name);
  }

  /** The peer has a version of it that only an earlier stream knew. */
  hasUnknown(name: string): boolean {
    const has = this.#has.get(name);
    return has !== undefined && has.resource === undefined;
  }

  /** In which words the peer was told of the version that it has, where these were others. */
  told(name: string): EncodedResource | undefined {
    return this.#has.get(name)?.told;
  }

  sent(response: InFlight): void {
    const { resources, due } = this.#dueOf ?? {};
    const isWhole = response.changed === due?.changed && due.removed.length === 0 && this.#trials.length === 0;
    const isAll = isWhole && response.changed.every((each) => resources?.get(each.name) === each);
    this.#touch();
    this.#allUnderWay = isAll ? resources : undefined;
    this.#inFlight = response;
    this.#answer = false;
    for (const { name } of response.changed) {
      this.#again.delete(name);
      this.#takenBack.delete(name);
      this.#toldAbsent.delete(name);
    }
    for (const name of response.removed) {
      this.#again.delete(name);
      this.#takenBack.delete(name);
      if (this.#wanted.has(name)) {
        this.#toldAbsent.add(name);
      }
    }
  }

  /** The peer takes its time: what is under way counts as taken, so that more can follow, until a verdict comes after all. */
  presume(): void {
    const response = this.#inFlight;
    if (!response) return;
    const before = new Map(response.changed.map(({ name }) => [name, this.#has.get(name)]));
    this.accepted(response.nonce);
    this.#presumed.add(response, before);
  }

  /** The peer took a response. @returns the resources that it brought */
  accepted(nonce: string): readonly EncodedResource[] {
    const presumed = this.#presumed.take(nonce);
    if (presumed) return presumed.changed;
    const resources = this.#allUnderWay;
    const response = this.#landed();
    for (const [index, resource] of response.changed.entries()) {
      if (!this.isWanted(resource.name)) continue;
      const told = response.told[index]!;
      this.#has.set(resource.name, { version: resource.version, resource, ...(told !== resource && { told }) });
    }
    for (const name of response.removed) {
      this.#has.delete(name);
    }
    this.#trials.shift();
    if (resources) this.#dueOf = { resources, due: nothing };
    return response.changed;
  }

  /**
   * The peer refused a response. Those at fault are held back, the others become due once more; where Envoy's words
   * do not tell, the next responses carry ever smaller parts.
   * @returns the resources at fault, none while they are still being sought
   */
  refused(nonce: string, message: string): readonly EncodedResource[] {
    const presumed = this.#presumed.take(nonce);
    if (presumed) this.#restore(presumed);
    else this.#trials.shift();
    const response = presumed ?? this.#landed();
    const named = new Set(culpritsNamed(message, presumed?.names ?? response.changed.map(({ name }) => name)));
    const culprits = response.changed.filter(({ name }) => named.has(name));
    const held = culprits.map((culprit) => ({ culprit, about: this.#holdBack(culprit) }));
    for (const culprit of culprits) {
      if (this.#refusals.has(culprit.name) && isForNow(wordsAbout(message, culprit, culprits))) {
        this.#refusals.holdForNow(culprit.name);
      } else {
        this.#refusedBefore.add(culprit);
      }
    }
    if (response.changed.length === 0) {
      // A removal or an empty answer cannot be split further, and repeating it would go on forever.
      for (const name of response.removed) {
        this.#has.delete(name);
      }
    } else if (named.size === 0) {
      const names = response.changed.map((resource) => resource.name);
      const half = Math.ceil(names.length / 2);
      this.#trials.unshift(names.slice(0, half), names.slice(half));
    }
    return held.flatMap(({ culprit, about }) => {
      if (about === 'itself') return culprit;
      // By now it is known whose patches of the refused one are to blame.
      return about === 'patches of one more policy' ? (this.#refusals.known(culprit.name)?.refused ?? []) : [];
    });
  }

  #holdBack(resource: EncodedResource): Refused {
    const { name, version, patched } = resource;
    const has = this.#has.get(name);
    // What was accepted once and is refused now was sent for the sake of another version, which stays held back.
    if (has?.version === version) {
      this.#has.set(name, { ...has, resource });
      return 'itself';
    }
    const about = this.#refusals.add(resource, has);
    if (has && patched) {
      // What an earlier stream gave the peer is known again where it is the same but for what is refused.
      const { without } = patched;
      const part = without?.version === has.version ? without : (has.resource ?? withoutOnePolicy(resource, has.version));
      if (part) this.#has.set(name, { ...has, resource: part });
    }
    this.#takeBack(name);
    return about;
  }

  /**
   * Some clusters fail when Envoy (1.40) has them half made. It then waits for them and takes no more clusters until one of
   * that name comes or goes: so it is sent the accepted version once more, or that there is none. Where Envoy has nothing
   * half made, that changes nothing.
   */
  #takeBack(name: string): void {
    const has = this.#has.get(name);
    if (this.typeUrl === typeUrls.cluster && (has === undefined || has.resource)) {
      this.#takenBack.add(name);
    }
  }

  #computeDue(resources: Resources): Due {
    this.#refusals.releaseChanged(resources);
    const changed = this.#changed(resources);
    const trial = this.#nextTrial(changed);
    if (trial) {
      return { ...nothing, changed: trial };
    }
    return {
      changed,
      removed: this.#tellsRemovals ? [...this.#has.keys()].filter((name) => !resources.has(name)) : [],
      absent: this.#tellsAbsence ? this.#absent(resources) : [],
      answer: this.#answer,
      awaited: changed.some(({ name }) => !this.#has.has(name) || this.#again.has(name)),
    };
  }

  #changed(resources: Resources): EncodedResource[] {
    const changed: EncodedResource[] = [];
    const usual = this.#refusals.size === 0 && this.#again.size === 0 && this.#takenBack.size === 0;
    for (const name of this.#wildcard ? resources.keys() : this.#wanted) {
      const resource = resources.get(name);
      if (!resource) continue;
      const has = this.#possessionOf(resource);
      if (resource.unencodable !== undefined && !this.#refusals.has(name)) this.#refusals.add(resource, has);
      if (usual && isUpToDate(has, resource)) continue;
      const first = has === undefined ? firstOf(resource, this.#refusedBefore) : resource;
      const due = this.#refusals.has(name) ? (this.#instead(resource) ?? has?.resource) : first;
      if (due && (this.#again.has(name) || this.#takenBack.has(name) || !isUpToDate(has, due))) {
        changed.push(due);
      }
    }
    return changed;
  }

  /** What the peer has is the same as now, whoever gave it, and whichever policies say what it says. */
  #possessionOf(resource: EncodedResource): Possession | undefined {
    const has = this.#has.get(resource.name);
    if (has === undefined || has.resource === resource || !isUpToDate(has, resource)) return has;
    const known = { ...has, resource };
    this.#has.set(resource.name, known);
    return known;
  }

  #instead(resource: EncodedResource): EncodedResource | undefined {
    return this.#refusals.instead(resource, this.#has.get(resource.name));
  }

  #absent(resources: Resources): string[] {
    const asked = [...this.#wanted].filter((name) => this.#isNewlyAbsent(name, resources));
    const refused = [...this.#takenBack].filter((name) => !this.#has.has(name) && !this.#isTried(name, resources));
    return [...asked, ...refused];
  }

  /** Whether new content of it is due. */
  #isTried(name: string, resources: Resources): boolean {
    const resource = resources.get(name);
    return resource !== undefined && (!this.#refusals.has(name) || this.#instead(resource) !== undefined);
  }

  #isNewlyAbsent(name: string, resources: Resources): boolean {
    return !resources.has(name) && !this.#has.has(name) && !this.#toldAbsent.has(name);
  }

  #nextTrial(changed: readonly EncodedResource[]): readonly EncodedResource[] | undefined {
    for (let trial = this.#trials[0]; trial; trial = this.#trials[0]) {
      const names = trial;
      const due = changed.filter((resource) => names.includes(resource.name));
      if (due.length > 0) {
        return due;
      }
      this.#trials.shift();
    }
    return undefined;
  }

  #landed(): InFlight {
    if (!this.#inFlight) {
      throw new Error(`no response of ${this.typeUrl} is under way`);
    }
    const response = this.#inFlight;
    this.#inFlight = undefined;
    this.#touch();
    return response;
  }

  #restore({ changed, before }: PresumedResponse): void {
    this.#touch();
    for (const { name, version } of changed) {
      const had = before.get(name);
      if (this.#has.get(name)?.version !== version) continue;
      if (had) this.#has.set(name, had);
      else this.#has.delete(name);
    }
  }

  #forgetUnwanted(): void {
    if (this.#wildcard) {
      return;
    }
    for (const known of [this.#has, this.#again, this.#toldAbsent]) {
      for (const name of known.keys()) {
        if (!this.#wanted.has(name)) {
          known.delete(name);
        }
      }
    }
  }

  #touch(): void {
    this.#dueOf = undefined;
    this.#allUnderWay = undefined;
  }
}

/** What of it is no part of its version counts as well. */
function isUpToDate(has: Possession | undefined, { version, renewal }: EncodedResource): boolean {
  return has?.version === version && has.resource?.renewal === renewal;
}
