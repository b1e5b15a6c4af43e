import type {
  MeshTrafficPermission_Match as Match,
  MeshTrafficPermission,
  MeshTrafficPermission_RuleConf as RuleConf,
} from '../../generated/types/kuma/mesh_traffic_permission.ts';
import type { Problem } from '../../resources/resource.ts';

const lists = ['allow', 'allowWithShadowDeny', 'deny'] as const;

export function validateMeshTrafficPermission(spec: MeshTrafficPermission): Problem[] {
  return [
    ...(spec.from ?? []).flatMap((item, index) =>
      item.default
        ? []
        : [{ field: `spec.from[${index}].default.action`, reason: 'must be set to Allow, Deny or AllowWithShadowDeny' }],
    ),
    ...(spec.rules ?? []).flatMap((rule, index) => ruleProblems(`spec.rules[${index}].default`, rule.default ?? {})),
  ];
}

function ruleProblems(at: string, conf: RuleConf): Problem[] {
  if (!lists.some((list) => conf[list]?.length))
    return [{ field: at, reason: `at least one of ${lists.join(', ')} must have an item` }];
  return lists.flatMap((list) => (conf[list] ?? []).flatMap((match, index) => matchProblems(`${at}.${list}[${index}]`, match)));
}

function matchProblems(at: string, { spiffeID }: Match): Problem[] {
  if (!spiffeID) return [{ field: `${at}.spiffeID`, reason: 'must be set' }];
  const { type, value } = spiffeID;
  const field = `${at}.spiffeID.value`;
  if (type === undefined || value === undefined) return [];
  if (!value.startsWith('spiffe://')) return [{ field, reason: `must begin with spiffe://; got ${JSON.stringify(value)}` }];
  if (value.includes('*')) return [{ field, reason: 'must not have a *: type Prefix matches whatever begins with the value' }];
  if (type === 'Exact' && !/^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)+$/.test(value)) {
    return [{ field, reason: `must be a SPIFFE id such as spiffe://default/web; got ${JSON.stringify(value)}` }];
  }
  return [];
}
