import type { MeshFaultInjection_Conf } from '../../generated/types/kuma/mesh_fault_injection.ts';
import { Memo } from '../../memo/memo.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import { type InboundItem, policyItems } from '../../rules/policy-items.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicySpec } from '../../target-ref/policy-spec.ts';
import { type ClientItem, leastSpecificFirst } from '../client-items.ts';
import { overruledBy } from './overruled.ts';
import { asWritten, kindRulesWith } from './rules-with.ts';

/** Of kinds of which the last item that is for a client decides alone: those items, the last one last. */
const decidingLast: Readonly<Record<string, (items: readonly InboundItem[]) => readonly ClientItem[]>> = {
  MeshFaultInjection: (items) => leastSpecificFirst(items.filter(({ conf }) => (conf as MeshFaultInjection_Conf).http)),
  MeshTrafficPermission: (items) => items.filter(({ list }) => list === 'from').map((item) => ({ item, match: undefined })),
};

/** A policy of which another one's item for everybody hides every item, on all inbounds that it selects. */
export function hiddenItemWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  const inOrder = decidingLast[policy.type];
  if (inOrder === undefined) return [];
  const all = asWritten(snapshot, policy);
  // Permissions by `rules` have no such items, and no proxy needs to be looked at.
  if (all.ofKind.length === 1 || inOrder(policyItems(all.written).inbound).length === 0) return [];
  const winners = new Set<string>();
  for (const { inbounds } of kindRulesWith(all, snapshot, new Memo())) {
    for (const { items } of inbounds) {
      const entries = inOrder(items);
      const last = entries.findLastIndex(forEverybody);
      const own = entries.findLastIndex(({ item }) => item.origin.policy === all.written);
      if (own >= 0 && own >= last) return [];
      if (own >= 0) winners.add(entries[last]!.item.origin.policy.name);
    }
  }
  return overruledBy(policy.type, winners);
}

function forEverybody({ item, match }: ClientItem): boolean {
  return item.client.kind === 'Mesh' && match === undefined;
}
