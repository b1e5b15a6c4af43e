import { byIdentity } from '../memo/by-identity.ts';
import type { Memo } from '../memo/memo.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { coversDestination, coversRoute, type Destination, destinationKey } from './destination.ts';
import { type Effective, effective } from './effective.ts';
import type { ToItem } from './policy-items.ts';
import type { KindRules } from './proxy-rules.ts';

/** What the policies of a kind say about the traffic to a destination. */
export function rulesForDestination(rules: KindRules | undefined, destination: Destination, memo: Memo): Effective | undefined {
  if (rules === undefined) return undefined;
  // Most destinations have nothing said of them by name.
  if (!itemsBySort(rules.to).byService.has(destination.service)) return rulesForAnyDestination(rules, memo);
  return memo.once('destination', [rules.to, destinationKey(destination)], () => {
    const items = mayCover(rules.to, destination).filter(({ targetRef }) => coversDestination(targetRef, destination));
    return merged(rules, items, memo);
  });
}

/** What they say about all traffic, wherever it goes. */
export function rulesForAnyDestination(rules: KindRules | undefined, memo: Memo): Effective | undefined {
  return rules && memo.once('any destination', [rules.to], () => merged(rules, itemsBySort(rules.to).ofMesh, memo));
}

/** What they say about the traffic of one route to a destination; the route's own items win. */
export function rulesForRoute(
  rules: KindRules | undefined,
  destination: Destination,
  routePolicies: readonly PolicyResource[],
  memo: Memo,
): Effective | undefined {
  if (rules === undefined) return undefined;
  const items = mayCover(rules.to, destination).filter(
    ({ targetRef }) => coversDestination(targetRef, destination) || coversRoute(targetRef, routePolicies),
  );
  return merged(rules, items, memo);
}

/** Whether policies of a kind say something of single routes. */
export function speaksOfRoutes(rules: KindRules | undefined): boolean {
  return rules !== undefined && itemsBySort(rules.to).ofRoutes.length > 0;
}

/**
 * The items of `to` without those about other services than these. One object for the same items, so that proxies differ by
 * what is said of what they call, and not by the rest.
 * @param key text that is the same for the same services
 */
export function itemsAbout(to: KindRules['to'], services: readonly string[], key: string, memo: Memo): KindRules['to'] {
  return memo.once('items about', [to, key], () => {
    const { ofMesh, byService, ofRoutes } = itemsBySort(to);
    return memo.intern([...ofMesh, ...services.flatMap((service) => byService.get(service) ?? []), ...ofRoutes]);
  });
}

/** Of many items those that can be for a destination or a route to it, in their order. */
function mayCover(items: KindRules['to'], { service }: Destination): readonly ToItem[] {
  const { ofMesh, byService, ofRoutes } = itemsBySort(items);
  return [...ofMesh, ...(byService.get(service) ?? []), ...ofRoutes];
}

interface ItemsBySort {
  readonly ofMesh: readonly ToItem[];
  readonly byService: ReadonlyMap<string, readonly ToItem[]>;
  readonly ofRoutes: readonly ToItem[];
}

/** Items come in this order anyhow, as those that name their destination more exactly come later. */
const itemsBySort: (items: KindRules['to']) => ItemsBySort = byIdentity((items) => {
  const ofMesh: ToItem[] = [];
  const byService = new Map<string, ToItem[]>();
  const ofRoutes: ToItem[] = [];
  for (const item of items) {
    const { kind, name } = item.targetRef;
    if (kind === 'Mesh') ofMesh.push(item);
    else if (kind === 'MeshHTTPRoute') ofRoutes.push(item);
    else if (name) listOf(byService, name).push(item);
  }
  return { ofMesh, byService, ofRoutes };
});

function listOf(lists: Map<string, ToItem[]>, name: string): ToItem[] {
  const known = lists.get(name);
  if (known) return known;
  const list: ToItem[] = [];
  lists.set(name, list);
  return list;
}

/** Destinations with the same items share one object, and so do proxies; those for which other items say the same share what they say. */
function merged({ kind, strategy }: KindRules, items: readonly ToItem[], memo: Memo): Effective | undefined {
  const share = (conf: unknown) => memo.sameContent(conf as object);
  const [first] = items;
  if (items.length === 1) return memo.once(`effective ${kind}`, [first], () => effective(items, strategy, share));
  const shared = memo.intern(items);
  return memo.once(`effective ${kind}`, [shared], () => effective(shared, strategy, share));
}
