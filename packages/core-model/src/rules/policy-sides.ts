import type { Memo } from '../memo/memo.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { type InboundItem, type PolicyItems, policyItems, type ToItem } from './policy-items.ts';

/*
 * What a policy says of outgoing and of incoming traffic, each the same object as before an edit that left it alone: a
 * timeout that changes for calls must not make every inbound of the mesh a new one.
 */

export function outboundSide(policy: PolicyResource, memo: Memo): readonly ToItem[] {
  return side('to', policy, memo);
}

export function inboundSide(policy: PolicyResource, memo: Memo): readonly InboundItem[] {
  return side('inbound', policy, memo);
}

type SideName = 'to' | 'inbound';

/** As a policy was when somebody last asked, and what its side is made of since. */
interface LastAsked<Name extends SideName> {
  policy: PolicyResource;
  items: PolicyItems[Name];
}

function side<Name extends SideName>(name: Name, policy: PolicyResource, memo: Memo): PolicyItems[Name] {
  const items = policyItems(policy)[name];
  if (items.length === 0) return items;
  const last = memo.once<LastAsked<Name>>(name, [policy.type, policy.name], () => ({ policy, items }));
  if (last.policy !== policy) {
    if (textOf(name, last.policy) !== textOf(name, policy)) last.items = items;
    last.policy = policy;
  }
  return last.items;
}

/** All that a side is made of; labels are shown with an item's origin. */
function textOf(name: SideName, { labels, spec: { targetRef, to, from, rules } }: PolicyResource): string {
  return JSON.stringify([labels, targetRef, ...(name === 'to' ? [to] : [from, rules])]);
}
