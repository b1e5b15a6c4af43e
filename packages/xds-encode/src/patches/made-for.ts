import type { ClusterIr, ListenerIr, ProxyIr, RouteConfigIr } from '@kuma-mesh/core-model/ir/index.ts';
import { typeUrls } from '../encoded.ts';
import type { PatchedType } from './patch-resource.ts';

/*
 * What a resource was made for, in the words by which patches select (`origin`).
 */

export const patchOrigin = 'mesh-proxy-patch';

const clusters: Readonly<Record<ClusterIr['role'], string>> = {
  application: 'inbound',
  destination: 'outbound',
  admin: 'admin',
  readiness: 'admin',
  collector: 'telemetry',
  metrics: 'mesh-metric',
  passthrough: 'transparent',
};

/** Collectors and places outside the mesh are named after the policy that leads there. */
const byName = {
  meshpassthrough: 'meshpassthrough',
  meshaccesslog: 'mesh-access-log',
  meshtrace: 'mesh-trace',
  '_kuma:metrics:': 'mesh-metric',
  system_meshmetric: 'mesh-metric',
};

const listeners: Readonly<Record<ListenerIr['kind'], string>> = {
  inbound: 'inbound',
  outbound: 'outbound',
  admin: 'admin',
  readiness: 'admin',
  metrics: 'mesh-metric',
  'sidecar-config': 'dynamic-config',
  'collector-pipe': 'mesh-metric',
  passthrough: 'transparent',
};

/** All words that a patch can select by. */
export const origins: ReadonlySet<string> = new Set([
  ...Object.values(clusters),
  ...Object.values(byName),
  ...Object.values(listeners),
  patchOrigin,
]);

export function clusterMadeFor({ role, name }: ClusterIr): string {
  if (role !== 'collector' && role !== 'passthrough') return clusters[role];
  return Object.entries(byName).find(([prefix]) => name.startsWith(prefix))?.[1] ?? clusters[role];
}

export function listenerMadeFor({ kind }: ListenerIr): string {
  return listeners[kind];
}

export function routesMadeFor({ direction }: RouteConfigIr): string {
  return direction;
}

/** Of the resources of a proxy, by type and name. */
export function madeForByName({
  clusters,
  listeners,
  routes,
}: Pick<ProxyIr, 'clusters' | 'listeners' | 'routes'>): ReadonlyMap<PatchedType, ReadonlyMap<string, string>> {
  return new Map([
    [typeUrls.cluster, byResource(clusters, clusterMadeFor)],
    [typeUrls.listener, byResource(listeners, listenerMadeFor)],
    [typeUrls.route, byResource(routes, routesMadeFor)],
  ]);
}

function byResource<T extends { readonly name: string }>(items: readonly T[], madeFor: (item: T) => string) {
  return new Map(items.map((item) => [item.name, madeFor(item)]));
}
