import { awaitedEndpoints, withEndpointsOfBefore } from '@kuma-mesh/xds-encode/clusters/awaited-endpoints.ts';
import { type EncodedProxy, type EncodedResource, typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import type { TypeState } from './type-state.ts';

interface Told {
  readonly clusters: TypeState;
  /** Undefined while the peer has asked for none. */
  readonly endpoints: TypeState | undefined;
  readonly config: EncodedProxy;
}

/**
 * In which words one peer is told of clusters, so that it does not wait for endpoints in vain.
 *
 * Envoy warms a new or changed cluster until it hears of its endpoints, and asks for none that another cluster or the one of before
 * has asked for: these are sent again. Where it remembers those of the cluster of before, it may as well wait for a moment and go on
 * with these.
 */
export class ClusterWords {
  readonly #remembersEndpoints: boolean;
  /** Endpoints of clusters that were told before it was known which ones the peer has. */
  readonly #unasked = new Set<string>();

  /** `remembersEndpoints`: the peer gives a changed cluster, told by itself, those of before once it has waited long enough. */
  constructor({ remembersEndpoints }: { readonly remembersEndpoints: boolean }) {
    this.#remembersEndpoints = remembersEndpoints;
  }

  /** The cluster as the peer is to be told of it. Endpoints that it will wait for then are sent again. */
  of(cluster: EncodedResource, { clusters, endpoints, config }: Told): EncodedResource {
    const awaited = awaitedEndpoints(cluster);
    if (awaited === undefined) return cluster;
    if (!endpoints) {
      this.#unasked.add(awaited);
      return cluster;
    }
    const isTheSame = clusters.taken(cluster.name)?.version === cluster.version;
    // What Envoy has would be another cluster in other words.
    const inOtherWords = isTheSame ? clusters.told(cluster.name) : undefined;
    if (inOtherWords) return inOtherWords;
    const mayGoOn = this.#remembersEndpoints && !isTheSame && hadThese(awaited, cluster, clusters);
    if (mayGoOn && stay(awaited, endpoints, config)) return withEndpointsOfBefore(cluster);
    endpoints.repeat([awaited]);
    return cluster;
  }

  /** The peer has asked for endpoints, for the first time. */
  asked(endpoints: TypeState): void {
    endpoints.repeat(this.#unasked);
    this.#unasked.clear();
  }
}

/** Envoy may be about to forget what just another cluster has asked for. */
function hadThese(awaited: string, { name }: EncodedResource, clusters: TypeState): boolean {
  const before = clusters.taken(name);
  return clusters.has(name) && (before === undefined || awaitedEndpoints(before) === awaited);
}

/**
 * The peer has these endpoints, and no others are about to come. It would begin to probe those of before, and give up probing as
 * they are replaced, which it takes for the end of its first probes: it would call nobody until the next ones.
 */
function stay(awaited: string, endpoints: TypeState, config: EncodedProxy): boolean {
  const now = config.get(typeUrls.endpoints)?.get(awaited);
  return endpoints.isWanted(awaited) && endpoints.has(awaited) && (now === undefined || endpoints.wasTold(now));
}
