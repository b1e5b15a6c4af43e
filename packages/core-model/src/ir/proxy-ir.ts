import type { ClusterIr } from './cluster-ir.ts';
import type { EndpointsIr } from './endpoints-ir.ts';
import type { ListenerIr } from './listener-ir.ts';
import type { PieceOrigins } from './origin.ts';
import type { PatchIr } from './patch-ir.ts';
import type { RouteConfigIr } from './route-ir.ts';
import type { SecretIr } from './secret-ir.ts';

/**
 * What one proxy should do, in the mesh's words. Knows no Envoy type.
 *
 * Every item is frozen. Items that are equal for many proxies (the cluster, the route and the endpoints of a service)
 * are one object: the encoder keeps the bytes by object identity, so that they are encoded once.
 *
 *   listener --route config name--> route config --cluster names--> cluster --endpoints name--> endpoints
 *       \------------------------ secret names ------------------------/
 */
export interface ProxyIr {
  readonly mesh: string;
  readonly name: string;
  readonly listeners: readonly ListenerIr[];
  readonly routes: readonly RouteConfigIr[];
  readonly clusters: readonly ClusterIr[];
  readonly endpoints: readonly EndpointsIr[];
  readonly secrets: readonly SecretIr[];
  /** Where it was asked for: of those pieces that policies shaped. A piece may be here more than once. */
  readonly origins?: readonly PieceOrigins[];
  /** Applied to what is encoded, in this order, last of all. One list for all proxies that the same policies select. */
  readonly patches?: readonly PatchIr[];
}
