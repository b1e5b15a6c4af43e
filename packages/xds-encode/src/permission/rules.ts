import type { PermissionIr, PermissionRuleIr } from '@kuma-mesh/core-model/ir/index.ts';
import { type Policy, type Principal, type RBAC, RBAC_Action } from '@kuma-mesh/envoy-api/generated/envoy/config/rbac/v3/rbac.ts';
import { allOf, anyOf, not, principal } from './principal.ts';

/** Everything is named by the KRI of the policy that it came from: it shows in logs, metadata and dumps. */
export interface PermissionRules {
  /** Who is turned away, asked first: rules that allow could not name what denied. Absent where nobody is. */
  readonly denials?: RBAC;
  readonly rules: RBAC;
  /** What would be refused if shadow denials were real; it only counts. */
  readonly shadowRules?: RBAC;
}

/** Who is let in: Allow and AllowWithShadowDeny less Deny. Without any rule that allows, nobody. */
export function permissionRules(permission: PermissionIr): PermissionRules {
  const denied = rulesOf(permission, 'Deny');
  return {
    ...(denied.length > 0 && { denials: rbac(RBAC_Action.DENY, denied, []) }),
    rules: rbac(RBAC_Action.ALLOW, rulesOf(permission, 'Allow', 'AllowWithShadowDeny'), []),
    ...shadowRules(permission),
  };
}

export function shadowRules(permission: PermissionIr): Pick<PermissionRules, 'shadowRules'> {
  const shadow = rulesOf(permission, 'AllowWithShadowDeny');
  return shadow.length === 0 ? {} : { shadowRules: rbac(RBAC_Action.DENY, shadow, rulesOf(permission, 'Deny')) };
}

function rulesOf({ rules }: PermissionIr, ...actions: readonly PermissionRuleIr['action'][]): readonly PermissionRuleIr[] {
  return rules.filter(({ action }) => actions.includes(action));
}

/** No policy at all, with the action ALLOW, refuses everybody. */
function rbac(action: RBAC_Action, rules: readonly PermissionRuleIr[], except: readonly PermissionRuleIr[]): RBAC {
  const byOrigin = Map.groupBy(rules, ({ origin }) => origin.kri);
  const excluded = except.map(({ client }) => principal(client));
  const policies = [...byOrigin].map(([kri, of]) => [
    kri,
    policyFor(
      less(
        of.map(({ client }) => principal(client)),
        excluded,
      ),
    ),
  ]);
  return { action, policies: Object.fromEntries(policies) as Record<string, Policy> };
}

function policyFor(principals: Principal[]): Policy {
  return { permissions: [{ rule: { $case: 'any', value: true } }], principals };
}

function less(ids: Principal[], excluded: Principal[]): Principal[] {
  return excluded.length === 0 ? ids : [allOf([anyOf(ids), not(anyOf(excluded))])];
}
