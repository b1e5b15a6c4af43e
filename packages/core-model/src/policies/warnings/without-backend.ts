import type { MeshMetric_Conf } from '../../generated/types/kuma/mesh_metric.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicySpec } from '../../target-ref/policy-spec.ts';
import { asWritten, rulesWith } from './rules-with.ts';

/** What a MeshMetric says of metrics that nobody gets: for none of its proxies there is a backend, be it of another policy. */
export function withoutBackendWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  // An empty list is a backend taken away on purpose.
  if (policy.type !== 'MeshMetric' || (policy.spec.default as MeshMetric_Conf | undefined)?.backends) return [];
  let some = false;
  for (const { conf } of rulesWith(asWritten(snapshot, policy), snapshot)) {
    if ((conf as MeshMetric_Conf).backends?.length) return [];
    some = true;
  }
  return some ? ['the policy has no effect now: no proxy that it selects has a backend that takes its metrics'] : [];
}
