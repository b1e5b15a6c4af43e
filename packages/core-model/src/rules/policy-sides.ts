import { byIdentity } from '../memo/by-identity.ts';
import type { Memo } from '../memo/memo.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { type InboundItem, policyItems, type ToItem } from './policy-items.ts';

/*
 * What a policy says of outgoing and of incoming traffic, each the same object as before an edit that left it alone: a
 * timeout that changes for calls must not make every inbound of the mesh a new one.
 */

export function outboundSide(policy: PolicyResource, memo: Memo): readonly ToItem[] {
  return side('to', policy, memo).items as readonly ToItem[];
}

export function inboundSide(policy: PolicyResource, memo: Memo): readonly InboundItem[] {
  return side('inbound', policy, memo).items as readonly InboundItem[];
}

interface Side {
  readonly text: string;
  readonly items: readonly unknown[];
}

function side(name: 'to' | 'inbound', policy: PolicyResource, memo: Memo): Side {
  const text = texts(policy)[name];
  return memo.onceWhile<Side>(
    name,
    [policy.type, policy.name],
    (known) => known.text === text,
    () => ({ text, items: Object.freeze(policyItems(policy)[name]) }),
  );
}

/** All that a side is made of; labels are shown with an item's origin. */
const texts: (policy: PolicyResource) => Readonly<Record<'to' | 'inbound', string>> = byIdentity(({ labels, spec }) => {
  const { targetRef, to, from, rules } = spec;
  return { to: JSON.stringify([labels, targetRef, to]), inbound: JSON.stringify([labels, targetRef, from, rules]) };
});
