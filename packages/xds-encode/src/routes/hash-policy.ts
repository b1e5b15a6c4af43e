import type { HashPolicyIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { RouteAction_HashPolicy } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import type { HashPolicy } from '@kuma-mesh/envoy-api/generated/envoy/type/v3/hash_policy.ts';
import { duration } from '../envoy/values.ts';

export function hashPolicy(ir: HashPolicyIr): RouteAction_HashPolicy {
  return { policySpecifier: ofRequests(ir), terminal: ir.terminal };
}

function ofRequests(ir: HashPolicyIr): RouteAction_HashPolicy['policySpecifier'] {
  switch (ir.kind) {
    case 'header':
      return { $case: 'header', value: { headerName: ir.name } };
    case 'cookie':
      return { $case: 'cookie', value: { name: ir.name, ttl: duration(ir.ttl), path: ir.path } };
    case 'source-ip':
      return { $case: 'connectionProperties', value: { sourceIp: true } };
    case 'query-parameter':
      return { $case: 'queryParameter', value: { name: ir.name } };
    case 'filter-state':
      return { $case: 'filterState', value: { key: ir.key } };
  }
}

/** What there is to hash of a connection that carries bytes: Envoy takes one thing, and so the first that is. */
export function connectionHashPolicies(policies: readonly HashPolicyIr[] = []): HashPolicy[] {
  return policies.flatMap((ir) => ofConnections(ir) ?? []).slice(0, 1);
}

function ofConnections(ir: HashPolicyIr): HashPolicy | undefined {
  if (ir.kind === 'source-ip') return { policySpecifier: { $case: 'sourceIp', value: {} } };
  if (ir.kind === 'filter-state') return { policySpecifier: { $case: 'filterState', value: { key: ir.key } } };
  return undefined;
}
