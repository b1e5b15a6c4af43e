/** How the endpoint for a request is chosen; absent values leave Envoy's default. */
export type LoadBalancerIr =
  | { readonly kind: 'round-robin' }
  | { readonly kind: 'random' }
  | { readonly kind: 'least-request'; readonly choices?: number; readonly activeRequestBias?: number }
  | {
      readonly kind: 'ring-hash';
      readonly hashFunction?: 'xx-hash' | 'murmur-hash-2';
      readonly minRingSize?: number;
      readonly maxRingSize?: number;
    }
  | { readonly kind: 'maglev'; readonly tableSize?: number };

/** What is hashed, for load balancers that send equal hashes to the same endpoint. */
export type HashPolicyIr = HashedIr & {
  /** Nothing after it counts when there is a hash so far. */
  readonly terminal: boolean;
};

export type HashedIr =
  | { readonly kind: 'header'; readonly name: string }
  | {
      readonly kind: 'cookie';
      readonly name: string;
      /** Milliseconds; present: who has no such cookie is given one, for the session when 0. */
      readonly ttl?: number;
      readonly path?: string;
    }
  | { readonly kind: 'source-ip' }
  | { readonly kind: 'query-parameter'; readonly name: string }
  | { readonly kind: 'filter-state'; readonly key: string };

/** Which endpoints a caller prefers for being near. The same for all callers: each has values of its own. */
export interface NearnessIr {
  /** Inside the caller's zone: tags, or labels, of which an endpoint may have the caller's value; the first that fits gives its weight. */
  readonly affinity: readonly { readonly tag: string; readonly weight: number }[];
  /** Other zones in order, after the own; those that are not named take no traffic. */
  readonly failover: readonly FailoverIr[];
  /** Percentage of healthy endpoints below which the next in order take some of the traffic. */
  readonly failoverPercentage?: number;
}

export interface FailoverIr {
  /** Zones of callers that it is for; absent for all. */
  readonly from?: readonly string[];
  readonly to: { readonly kind: 'any' } | { readonly kind: 'only' | 'any-except'; readonly zones: readonly string[] };
}
