import { hasTags, tagsKey } from '../dataplane/tags.ts';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { ClusterIr, EndpointsIr, ProxyIr } from '../ir/index.ts';
import { byIdentity } from '../memo/by-identity.ts';
import { sameItems } from '../memo/last-made.ts';
import type { Memo } from '../memo/memo.ts';
import type { Resource } from '../resources/resource.ts';
import type { ServiceDestination } from '../rules/destination.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { endpointsOf } from '../snapshot/service-view.ts';
import { callerOf, nearEndpoints } from './nearness.ts';

/** The instances behind a destination: the whole service's own object, or those that have the further tags. */
export function destinationEndpoints(
  snapshot: MeshSnapshot,
  { service, tags }: Pick<ServiceDestination, 'service' | 'tags'>,
  name: string,
  memo: Memo,
): EndpointsIr {
  const view = snapshot.services.get(service);
  if (view === undefined) return memo.once('no endpoints', [name], () => endpointsOf(name, []));
  const narrowing = tagsKey(tags);
  if (narrowing === '') return view.endpoints;
  return memo.once('endpoints', [view.endpoints, narrowing], () =>
    endpointsOf(name, view.instances, ({ endpoint }) => hasTags(endpoint.tags, tags)),
  );
}

/** Endpoints of every cluster that has any to discover, in the clusters' order, as the proxy itself prefers them. */
export function endpointsOfClusters(
  snapshot: MeshSnapshot,
  clusters: readonly ClusterIr[],
  dataplane: Resource<Dataplane> | undefined,
  memo: Memo,
): readonly EndpointsIr[] {
  // A proxy's clusters may be like no other's, as some are about its host; those that discover are those of all that call the same.
  const discovering = memo.once('discovering', [clusters], () => memo.intern(clusters.filter(discovers)));
  const make = () =>
    discovering.map(({ discovery, nearness }) => {
      const endpoints = destinationEndpoints(snapshot, discovery.of, discovery.name, memo);
      return nearness ? nearEndpoints(endpoints, nearness, callerOf(dataplane), memo) : endpoints;
    });
  if (dependOnTheCaller(discovering)) return memo.intern(make());
  // Looked up once for all proxies that have these clusters.
  return memo.once('endpoints of clusters', [snapshot.services, discovering], () => memo.intern(make()));
}

type OfEndpoints = Extract<ClusterIr['discovery'], { kind: 'endpoints' }>;
type Discovering = ClusterIr & { readonly discovery: OfEndpoints & Required<Pick<OfEndpoints, 'of'>> };

function discovers(cluster: ClusterIr): cluster is Discovering {
  return cluster.discovery.kind === 'endpoints' && cluster.discovery.of !== undefined;
}

const dependOnTheCaller = byIdentity((clusters: readonly ClusterIr[]) => clusters.some(({ nearness }) => nearness !== undefined));

/**
 * A proxy after a change in which only endpoints of services that it calls are different: everything else is taken over.
 * @returns the same object when none of its endpoints changed
 */
export function refreshEndpoints(snapshot: MeshSnapshot, proxy: ProxyIr, memo: Memo): ProxyIr {
  const endpoints = endpointsOfClusters(snapshot, proxy.clusters, snapshot.dataplanes.get(proxy.name), memo);
  return sameItems(endpoints, proxy.endpoints) ? proxy : Object.freeze({ ...proxy, endpoints });
}
