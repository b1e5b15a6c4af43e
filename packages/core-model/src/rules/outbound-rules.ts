import type { Memo } from '../memo/memo.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { coversDestination, coversRoute, type Destination, destinationKey } from './destination.ts';
import { type Effective, effective } from './effective.ts';
import type { ToItem } from './policy-items.ts';
import type { KindRules } from './proxy-rules.ts';

/** What the policies of a kind say about the traffic to a destination. */
export function rulesForDestination(rules: KindRules | undefined, destination: Destination, memo: Memo): Effective | undefined {
  if (rules === undefined) return undefined;
  return memo.once('destination', [rules.to, destinationKey(destination)], () => {
    const items = rules.to.filter(({ targetRef }) => coversDestination(targetRef, destination));
    return merged(rules, items, memo);
  });
}

/** What they say about the traffic of one route to a destination; the route's own items win. */
export function rulesForRoute(
  rules: KindRules | undefined,
  destination: Destination,
  routePolicies: readonly PolicyResource[],
  memo: Memo,
): Effective | undefined {
  if (rules === undefined) return undefined;
  const items = rules.to.filter(
    ({ targetRef }) => coversDestination(targetRef, destination) || coversRoute(targetRef, routePolicies),
  );
  return merged(rules, items, memo);
}

/** Items of `to` that are for routes. */
export function routeItems(rules: KindRules | undefined): readonly ToItem[] {
  return rules?.to.filter(({ targetRef }) => targetRef.kind === 'MeshHTTPRoute') ?? [];
}

/** Destinations with the same items share one object, and so do proxies. */
function merged({ kind, strategy }: KindRules, items: readonly ToItem[], memo: Memo): Effective | undefined {
  const shared = memo.intern(items);
  return memo.once('effective', [shared, kind], () => effective(shared, strategy));
}
