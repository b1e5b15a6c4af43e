import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';
import {
  hasSamePlain,
  isPartOf,
  newsOf,
  patchingPolicies,
  withMorePolicies,
  withoutPolicies,
} from '@kuma-mesh/xds-encode/patches/partly-patched.ts';
import { patchedResource } from '@kuma-mesh/xds-encode/patches/patch-resource.ts';
import type { Possession } from './presumed.ts';

interface Refusal {
  readonly refused: EncodedResource;
  /** What was given in its place was refused as well. */
  readonly plainRefused: boolean;
  /** KRIs of the policies whose patches were refused when all others were known to be good. */
  readonly blamed: ReadonlySet<string>;
  /** KRIs of policies of which one at least is to blame, as far as that is known. */
  readonly suspects: ReadonlySet<string>;
}

/** What a refusal was about. */
export type Refused = 'itself' | 'in place of a patched one' | 'patches of one more policy' | 'patches of more policies';

type Resources = ReadonlyMap<string, EncodedResource>;

/** What a peer refuses of one type, and what it is to have meanwhile. */
export class Refusals {
  readonly #heldBack = new Map<string, Refusal>();
  /** Those that may be taken later as they are. */
  readonly #forNow = new Set<string>();

  get size(): number {
    return this.#heldBack.size;
  }

  has(name: string): boolean {
    return this.#heldBack.has(name);
  }

  /** Whether just this content is refused. */
  isOf({ name, version }: EncodedResource): boolean {
    return this.#heldBack.get(name)?.refused.version === version;
  }

  get anyForNow(): boolean {
    return this.#forNow.size > 0;
  }

  /** @param has what the peer goes on with */
  add(resource: EncodedResource, has: Possession | undefined): Refused {
    const { name } = resource;
    const before = this.#heldBack.get(name);
    if (!before) {
      const suspects = new Set(patchingPolicies(resource));
      this.#heldBack.set(name, { refused: resource, plainRefused: false, blamed: new Set(), suspects });
      return 'itself';
    }
    const more = has?.resource ? newsOf(resource, has.resource) : patchingPolicies(resource);
    // What stands in for a patched one leaves that one held back; Envoy's words on it were reported.
    if (more.length === 0) {
      this.#heldBack.set(name, { ...before, plainRefused: true });
      return 'in place of a patched one';
    }
    if (more.length > 1) {
      this.#heldBack.set(name, { ...before, suspects: new Set(more) });
      return 'patches of more policies';
    }
    this.#heldBack.set(name, { ...before, blamed: new Set([...before.blamed, ...more]), suspects: new Set() });
    return 'patches of one more policy';
  }

  /** What is refused under this name, and what it is without the patches that are to blame, as far as that is known. */
  known(name: string): { readonly refused: EncodedResource; readonly harmless: EncodedResource | undefined } | undefined {
    const { refused, blamed } = this.#heldBack.get(name) ?? {};
    return refused && { refused, harmless: blamed && blamed.size > 0 ? withoutPolicies(refused, blamed) : undefined };
  }

  holdForNow(name: string): void {
    this.#forNow.add(name);
  }

  /** What was in their way may be gone by now. */
  releaseForNow(): void {
    for (const name of this.#forNow) this.#heldBack.delete(name);
    this.#forNow.clear();
  }

  /** New content is a new chance. */
  releaseChanged(resources: Resources): void {
    for (const [name, { refused }] of this.#heldBack) {
      if (resources.get(name)?.version === refused.version) continue;
      this.#heldBack.delete(name);
      this.#forNow.delete(name);
    }
  }

  /** Whether the peer goes on with an older version of something: with another than what it is with fewer patches. */
  keepOld(possessions: ReadonlyMap<string, Possession>): boolean {
    for (const [name, { refused }] of this.#heldBack) {
      const has = possessions.get(name);
      if (has && has.version !== refused.patched?.without?.version && !(has.resource && isPartOf(refused, has.resource)))
        return true;
    }
    return false;
  }

  /**
   * What the peer is to have of a resource that it refuses, where that is not what it was given before: first what it is without
   * patches, or with those that it took, then with what ever more policies say now, but for those that it refuses.
   */
  instead(resource: EncodedResource, has: Possession | undefined): EncodedResource | undefined {
    const plain = resource.patched?.without;
    const refusal = this.#heldBack.get(resource.name);
    if (plain === undefined || refusal?.plainRefused) return undefined;
    if (has === undefined) return plain;
    const taken = has.resource;
    if (taken === undefined) return undefined;
    if (hasSamePlain(resource, taken)) return refusal && this.#withMore(refusal, taken);
    const { without, by } = taken.patched ?? {};
    if (without === undefined) return plain;
    // The patches that were accepted, over what it is without them by now.
    return by && patchedResource(plain, by.madeFor, by.changes);
  }

  /** Where one policy alone is about the resource, that one is to blame. */
  #withMore(refusal: Refusal, taken: EncodedResource): EncodedResource | undefined {
    const { refused } = refusal;
    const all = new Set([...patchingPolicies(refused), ...patchingPolicies(taken)]);
    return all.size > 1 ? withMorePolicies(refused, taken, refusal) : undefined;
  }
}
