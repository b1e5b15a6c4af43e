import type {
  MeshTrafficPermission_FromConf as FromConf,
  MeshTrafficPermission_RuleConf as RuleConf,
} from '../../generated/types/kuma/mesh_traffic_permission.ts';
import { Memo } from '../../memo/memo.ts';
import { isOfSidecars } from '../../resources/client-match.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import { type InboundItem, policyItems } from '../../rules/policy-items.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicySpec } from '../../target-ref/policy-spec.ts';
import { asWritten, kindRulesWith } from './rules-with.ts';

/** Items in `from` that deny everybody, and stand beside `rules` that let somebody in, who stays in: at the first such proxy. */
export function idleDenialWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  if (policy.type !== 'MeshTrafficPermission') return [];
  const denials = (policy.spec.from ?? []).flatMap((item, i) =>
    item.targetRef?.kind === 'Mesh' && (item.default as FromConf).action === 'Deny' ? i : [],
  );
  if (denials.length === 0) return [];
  const all = asWritten(snapshot, policy);
  if (!all.ofKind.some((each) => policyItems(each).inbound.some(letsSomebodyIn))) return [];
  for (const { inbounds } of kindRulesWith(all, snapshot, new Memo())) {
    for (const { items } of inbounds) {
      if (!items.some(({ origin }) => origin.policy === all.written)) continue;
      const winners = new Set(items.filter(letsSomebodyIn).map(({ origin }) => `"${origin.policy.name}"`));
      if (winners.size === 0) continue;
      const why = `denies nobody whom the rules of ${policy.type} ${[...winners].join(', ')} let in`;
      return denials.map((i) => `field 'spec.from[${i}]' ${why}`);
    }
  }
  return [];
}

function letsSomebodyIn({ list, conf }: InboundItem): boolean {
  const { allow = [], allowWithShadowDeny = [] } = conf as RuleConf;
  return list === 'rules' && [...allow, ...allowWithShadowDeny].some(isOfSidecars);
}
