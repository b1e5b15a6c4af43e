import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { InboundRules, KindRules, ProxyRules } from '../rules/proxy-rules.ts';

const noRules: readonly InboundRules[] = policies.map(({ kind }) =>
  Object.freeze({ kind, items: Object.freeze([]), merged: undefined }),
);

/** Rules of one inbound, aligned with the list of policies. One object for equal rules. */
export function inboundRulesByPolicy(rules: ProxyRules, inbound: number, memo: Memo): readonly InboundRules<never>[] {
  const present = memo.intern(policies.map(({ kind }) => rules.kinds.get(kind)?.inbounds[inbound]));
  const byPolicy = () => Object.freeze(present.map((ofKind, i) => ofKind ?? noRules[i]!));
  return memo.once('inbound rules by policy', [present], byPolicy) as readonly InboundRules<never>[];
}

/** Rules of all inbounds, aligned with the list of policies. */
export function inboundRules(rules: ProxyRules): readonly (readonly InboundRules[] | undefined)[] {
  return policies.map(({ kind }) => rules.kinds.get(kind)?.inbounds);
}

/** Rules of outgoing traffic, aligned with the list of policies. */
export function kindRulesByPolicy(rules: ProxyRules): readonly (KindRules | undefined)[] {
  return policies.map(({ kind }) => rules.kinds.get(kind));
}
