import type {
  MeshTrafficPermission,
  MeshTrafficPermission_RuleConf as RuleConf,
} from '../../generated/types/kuma/mesh_traffic_permission.ts';
import { clientMatchProblems } from '../../resources/client-match.ts';
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
  return lists.flatMap((list) =>
    (conf[list] ?? []).flatMap((match, index) => clientMatchProblems(`${at}.${list}[${index}]`, match)),
  );
}
