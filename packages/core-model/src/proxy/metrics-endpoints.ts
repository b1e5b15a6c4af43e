import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { MeshMetric, MeshMetric_Conf } from '../generated/types/kuma/mesh_metric.ts';
import type { Memo } from '../memo/memo.ts';
import { type PrometheusEndpoint, prometheusEndpoint } from '../policies/mesh-metric/prometheus.ts';
import type { Resource } from '../resources/resource.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { resolveRules } from './resolve-rules.ts';

export type { PrometheusEndpoint };

const kind = 'MeshMetric';

/** Where a proxy gives out its metrics; none without a policy that says so. */
export function metricsEndpoints(
  snapshot: MeshSnapshot,
  dataplane: Resource<Dataplane>,
  memo: Memo,
): readonly PrometheusEndpoint[] {
  const policies = snapshot.policies.get(kind);
  if (!policies) return [];
  // The other kinds have no say in it.
  const rules = resolveRules({ ...snapshot, policies: new Map([[kind, policies]]) }, dataplane, { memo });
  const conf = rules.kinds.get(kind)?.proxy?.conf as MeshMetric_Conf | undefined;
  return (conf?.backends ?? []).flatMap(({ prometheus }) => (prometheus ? prometheusEndpoint(prometheus) : []));
}

/** Clients that policies of the mesh name, whether they select a proxy or not. */
export function metricsClients(snapshot: MeshSnapshot): ReadonlySet<string> {
  const policies = (snapshot.policies.get(kind) ?? []) as readonly Resource<MeshMetric>[];
  const backends = policies.flatMap(({ spec }) => spec.default?.backends ?? []);
  return new Set(backends.flatMap(({ prometheus }) => prometheus?.clientId || []));
}
