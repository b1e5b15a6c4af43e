import { policyKinds } from '../target-ref/policy-kinds.ts';
import type { EffectiveItem } from './effective.ts';
import type { InboundRules } from './proxy-rules.ts';

/** What holds for some of an inbound's traffic, of whom, and by which items. */
export interface InboundStatement {
  readonly conf: unknown;
  /** Conditions; empty for all traffic. */
  readonly matches: readonly unknown[];
  readonly items: readonly EffectiveItem[];
}

/**
 * What policies of a kind say in `rules` of an inbound, for people to look at. Kinds that merge say one thing of all
 * traffic; others, such as permissions, say each thing for itself, and it is the kind that makes one decision of them.
 */
export function inboundStatements({ kind, items, merged }: InboundRules): readonly InboundStatement[] {
  const merges = policyKinds.get(kind)?.fromAsRules ?? false;
  const single = items.filter(({ list, matches }) => list === 'rules' && !(merges && matches.length === 0));
  return [
    ...single.map((item) => ({ conf: item.conf, matches: item.matches, items: [item] })),
    ...(merges && merged ? [{ conf: merged.conf, matches: [], items: merged.items }] : []),
  ];
}
