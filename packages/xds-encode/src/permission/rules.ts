import type { PermissionIr, PermissionRuleIr } from '@kuma-mesh/core-model/ir/index.ts';
import { type Principal, type RBAC, RBAC_Action } from '@kuma-mesh/envoy-api/generated/envoy/config/rbac/v3/rbac.ts';
import { allOf, anyOf, not, principal } from './principal.ts';

/** One name for all: it shows in statistics and in dumps. */
export const policyName = 'MeshTrafficPermission';

export interface PermissionRules {
  readonly rules: RBAC;
  /** What would be refused if shadow denials were real; it only counts. */
  readonly shadowRules?: RBAC;
}

/** Who is let in: Allow and AllowWithShadowDeny less Deny. Without any rule that allows, nobody. */
export function permissionRules(permission: PermissionIr): PermissionRules {
  const denied = principals(permission, 'Deny');
  const shadowDenied = principals(permission, 'AllowWithShadowDeny');
  const allowed = [...principals(permission, 'Allow'), ...shadowDenied];
  return {
    rules: rbac(RBAC_Action.ALLOW, less(allowed, denied)),
    ...(shadowDenied.length > 0 && { shadowRules: rbac(RBAC_Action.DENY, less(shadowDenied, denied)) }),
  };
}

function principals(permission: PermissionIr, action: PermissionRuleIr['action']): Principal[] {
  return permission.rules.filter((rule) => rule.action === action).map((rule) => principal(rule.client));
}

function less(ids: Principal[], excluded: Principal[]): Principal[] {
  if (excluded.length === 0 || ids.length === 0) return ids;
  return [allOf([anyOf(ids), not(anyOf(excluded))])];
}

/** No policy at all, with the action ALLOW, refuses everybody. */
function rbac(action: RBAC_Action, ids: Principal[]): RBAC {
  if (ids.length === 0) return { action, policies: {} };
  return { action, policies: { [policyName]: { permissions: [{ rule: { $case: 'any', value: true } }], principals: ids } } };
}
