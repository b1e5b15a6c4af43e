import type { MeshLoadBalancingStrategy_Conf } from '../../generated/types/kuma/mesh_load_balancing_strategy.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicyResource, PolicySpec } from '../../target-ref/policy-spec.ts';
import { isShadow } from '../../target-ref/shadow.ts';
import { asWritten } from './rules-with.ts';

/**
 * What is hashed for nobody, as no policy of the mesh has endpoints chosen by hashes. Where one does, for whomever, nothing is
 * said: routes take the hashes of one service to the endpoints of others.
 */
export function idleHashWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  if (policy.type !== 'MeshLoadBalancingStrategy') return [];
  const { written, ofKind } = asWritten(snapshot, policy);
  if (ofKind.some((each) => (each === written || !isShadow(each)) && confs(each).some(choosesByHash))) return [];
  const why = `no MeshLoadBalancingStrategy of mesh "${snapshot.mesh}" has endpoints chosen by RingHash or Maglev`;
  return confs(written).flatMap(({ hashPolicies = [], loadBalancer }, i) =>
    // Beside an algorithm of its own, that one is to blame.
    hashPolicies.length > 0 && loadBalancer === undefined
      ? [`field 'spec.to[${i}].default.hashPolicies' has no effect now: ${why}`]
      : [],
  );
}

function confs({ spec: { to = [] } }: Pick<PolicyResource, 'spec'>): readonly MeshLoadBalancingStrategy_Conf[] {
  return to.map(({ default: conf }) => (conf ?? {}) as MeshLoadBalancingStrategy_Conf);
}

function choosesByHash({ loadBalancer }: MeshLoadBalancingStrategy_Conf): boolean {
  return loadBalancer?.type === 'RingHash' || loadBalancer?.type === 'Maglev';
}
