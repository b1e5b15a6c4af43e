import { type EncodedProxy, type EncodedResource, moreTypeUrls, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { ClusterWords } from './cluster-words.ts';
import type { AnyRequest, Dialect } from './dialect.ts';
import { LingeringKeys } from './lingering-keys.ts';
import { hasPermissions, nextStep, type Step } from './order.ts';
import type { RefusedBefore } from './refused-before.ts';
import type { ProxySession } from './session.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import { TypeState } from './type-state.ts';

/** A peer asks for a few types; one that invents them is not Envoy. */
const maxTypes = 64;

export interface ConversationOptions {
  readonly metrics: StreamMetrics;
  readonly refusedBefore: RefusedBefore;
  /** Calls some time from now, before the next response is asked for. */
  readonly later: (end: () => void) => void;
}

export interface Peer {
  /** It remembers endpoints, and gives them to a changed cluster that has waited for new ones in vain. */
  readonly remembersEndpoints: boolean;
}

/** What is said on one stream: requests in, responses out, the state of each type between them. Knows no transport. */
export class Conversation<Request extends AnyRequest> {
  readonly #dialect: Dialect<Request>;
  readonly #session: ProxySession;
  readonly #clusterWords: ClusterWords;
  readonly #metrics: StreamMetrics;
  readonly #refusedBefore: RefusedBefore;
  readonly #states = new Map<string, TypeState>();
  readonly #lingeringKeys: LingeringKeys;
  #waitsForClusters = true;

  constructor(
    dialect: Dialect<Request>,
    session: ProxySession,
    peer: Peer,
    { metrics, refusedBefore, later }: ConversationOptions,
  ) {
    this.#dialect = dialect;
    this.#session = session;
    // Where one response states all clusters, each is to be told in one way for good.
    this.#clusterWords = new ClusterWords({ remembersEndpoints: peer.remembersEndpoints && dialect.form === 'delta' });
    this.#metrics = metrics;
    this.#refusedBefore = refusedBefore;
    this.#lingeringKeys = new LingeringKeys(later);
  }

  receive(request: Request): void {
    const typeUrl = request.typeUrl ?? '';
    const known = this.#states.get(typeUrl);
    if (!known && this.#states.size >= maxTypes) {
      return;
    }
    const state = known ?? new TypeState(typeUrl, this.#dialect.form, this.#refusedBefore);
    this.#states.set(typeUrl, state);
    const nonce = request.responseNonce ?? '';
    const verdict = state.isUnjudged(nonce);
    if (verdict) {
      this.#judge(state, nonce, request);
    }
    this.#dialect.read(state, request, { first: !known, verdict });
    if (!known && typeUrl === typeUrls.endpoints) this.#clusterWords.asked(state);
  }

  /** The next response, if one is to be sent now: of the newest configuration, at most one of a type under way. */
  next(config: EncodedProxy): Buffer | undefined {
    const keys = this.#states.get(moreTypeUrls.runtime);
    const permitted = hasPermissions(this.#states, config);
    if (keys) this.#lingeringKeys.changed(config, () => keys.whole([], []));
    if (permitted) this.#lingeringKeys.settled();
    const peer = { willAskForClusters: this.#willAskForClusters, lingeringKeys: this.#lingeringKeys.all };
    const step = nextStep(this.#states, config, peer);
    if (!permitted && step?.state.typeUrl === moreTypeUrls.runtime) this.#lingeringKeys.othersCome();
    return step && this.#send(step, config);
  }

  /** Something is held back that may be taken later as it is. */
  get refusedForNow(): boolean {
    for (const state of this.#states.values()) if (state.refusedForNow) return true;
    return false;
  }

  tryAgain(): void {
    for (const state of this.#states.values()) {
      if (state.refusedForNow) state.tryAgain();
    }
  }

  /**
   * The response of clusters that is under way, be it one of an earlier stream, of which the nonce is not known. Envoy may be
   * long in taking one: it first learns how their endpoints are.
   */
  get clustersUnderWay(): { readonly nonce: string; readonly areNew: boolean } | undefined {
    if (this.#willAskForClusters) return { nonce: '', areNew: true };
    const state = this.#states.get(typeUrls.cluster);
    return state?.nonceInFlight === undefined ? undefined : { nonce: state.nonceInFlight, areNew: state.awaitedInFlight };
  }

  goOnWithoutClusters(): void {
    this.#waitsForClusters = false;
    this.#states.get(typeUrls.cluster)?.presume();
  }

  /** Who asks for endpoints has clusters. On a new stream Envoy asks for these once it has taken what it was told of before. */
  get #willAskForClusters(): boolean {
    const endpoints = this.#states.get(typeUrls.endpoints);
    return this.#waitsForClusters && !this.#states.has(typeUrls.cluster) && endpoints !== undefined && endpoints.wanted.size > 0;
  }

  #send({ state, changed, removed, awaited }: Step, config: EncodedProxy): Buffer {
    const told = state.typeUrl === typeUrls.cluster ? this.#inWords(state, changed, config) : changed;
    const { nonce, bytes } = this.#dialect.encode({ state, changed: told, removed });
    const unknownBefore = changed.filter(({ name }) => state.hasUnknown(name)).map(({ name }) => name);
    state.sent({ nonce, changed, told, removed, awaited });
    this.#metrics.pushed(state.typeUrl, bytes.length);
    this.#session.sent(state.typeUrl, unknownBefore);
    return bytes;
  }

  #inWords(clusters: TypeState, changed: readonly EncodedResource[], config: EncodedProxy): readonly EncodedResource[] {
    const endpoints = this.#states.get(typeUrls.endpoints);
    return changed.map((cluster) => this.#clusterWords.of(cluster, { clusters, endpoints, config }));
  }

  #judge(state: TypeState, nonce: string, request: Request): void {
    if (request.errorDetail) {
      const message = request.errorDetail.message ?? '';
      this.#metrics.rejected(state.typeUrl);
      this.#session.rejected(state.typeUrl, state.refused(nonce, message), message, (name) => state.harmless(name));
    } else {
      this.#metrics.acknowledged(state.typeUrl);
      this.#session.acknowledged(state.typeUrl, state.accepted(nonce));
    }
  }
}
