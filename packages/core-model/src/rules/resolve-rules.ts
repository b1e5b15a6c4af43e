import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import { byIdentity } from '../memo/by-identity.ts';
import { LastMade } from '../memo/last-made.ts';
import { Memo } from '../memo/memo.ts';
import type { Resource } from '../resources/resource.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { specificity } from '../target-ref/order.ts';
import { isInScope } from '../target-ref/policy-scope.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { type ProxyTarget, proxyTarget } from '../target-ref/proxy-target.ts';
import { refersTo } from '../target-ref/refers-to.ts';
import { includesInbound, type Selection, selectProxy } from '../target-ref/select-proxy.ts';
import { isShadow } from '../target-ref/shadow.ts';
import { effective } from './effective.ts';
import type { MergeStrategy } from './merge.ts';
import { candidatePolicies } from './policy-index.ts';
import { type InboundItem, policyItems } from './policy-items.ts';
import { inboundSide, outboundSide } from './policy-sides.ts';
import type { InboundRules, KindRules, ProxyRules } from './proxy-rules.ts';

export interface ResolveOptions {
  /** Count policies with the label `kuma.io/effect: shadow` in. */
  readonly shadow?: boolean;
  /** Shares results with the other proxies of the mesh that were resolved with it. */
  readonly memo?: Memo;
  /** How lists in the configuration of a kind of policy merge, by kind. */
  readonly strategies?: Readonly<Record<string, MergeStrategy>>;
  /** Kinds of which what is said of all clients in the whole mesh holds for all destinations as well. */
  readonly bothSides?: ReadonlySet<string>;
}

/** The rules of one proxy: which policies select it, and what they say about its inbounds, its destinations and itself. */
export function resolveRules(snapshot: MeshSnapshot, dataplane: Resource<Dataplane>, options: ResolveOptions = {}): ProxyRules {
  const { shadow = false, memo = new Memo(), strategies = {}, bothSides } = options;
  const kinds = new Map<string, KindRules>();
  const routes = snapshot.policies.get('MeshHTTPRoute') ?? noPolicies;
  const last = memo.once('last rules', [dataplane], () => new LastMade());
  for (const [kind, policies] of inOrder(snapshot.policies)) {
    // A change of one kind leaves the others' rules as they are: no policy of them is looked at again.
    const rules = last.of(shadow ? `${kind}, with shadow` : kind, [policies, routes], () => {
      const matched = matching(snapshot, policies, { dataplane, shadow });
      const { length } = proxyTarget(dataplane).inbounds;
      return matched.length > 0
        ? kindRules({ kind, strategy: strategies[kind], bothSides: bothSides?.has(kind) ?? false }, matched, length, memo)
        : undefined;
    });
    if (rules !== undefined) kinds.set(kind, rules);
  }
  return { mesh: snapshot.mesh, name: dataplane.name, kinds };
}

const noPolicies: readonly PolicyResource[] = Object.freeze([]);

const inOrder: (policies: MeshSnapshot['policies']) => readonly (readonly [string, readonly PolicyResource[]])[] = byIdentity(
  (policies) => [...policies].sort(([a], [b]) => (a < b ? -1 : 1)),
);

function matching(
  snapshot: MeshSnapshot,
  policies: readonly PolicyResource[],
  { dataplane, shadow }: { readonly dataplane: Resource<Dataplane>; readonly shadow: boolean },
): readonly Matched[] {
  const proxy = proxyTarget(dataplane);
  const matched: Matched[] = [];
  for (const policy of candidatePolicies(policies, dataplane)) {
    if (!shadow && isShadow(policy)) continue;
    const selection = select(snapshot, policy, proxy);
    if (selection !== 'none') matched.push({ policy, selection });
  }
  return matched;
}

/** The policies in force that select a proxy, by kind, kinds in order of their names. */
export function policiesFor(
  snapshot: MeshSnapshot,
  dataplane: Resource<Dataplane>,
): ReadonlyMap<string, readonly PolicyResource[]> {
  const byKind = new Map<string, readonly PolicyResource[]>();
  for (const [kind, policies] of inOrder(snapshot.policies)) {
    const matched = matching(snapshot, policies, { dataplane, shadow: false });
    if (matched.length > 0)
      byKind.set(
        kind,
        matched.map(({ policy }) => policy),
      );
  }
  return byKind;
}

interface Matched {
  readonly policy: PolicyResource;
  readonly selection: Selection;
}

/** A policy on a route selects the proxies that the route selects; one in shadow has only others in shadow on it. */
export function select(snapshot: MeshSnapshot, policy: PolicyResource, proxy: ProxyTarget): Selection {
  const ref = policy.spec.targetRef;
  if (ref?.kind !== 'MeshHTTPRoute') return selectProxy(policy, proxy);
  if (!isInScope(policy, proxy)) return 'none';
  const routes = snapshot.policies.get('MeshHTTPRoute') ?? [];
  const inForce = isShadow(policy) ? routes : routes.filter((route) => !isShadow(route));
  return inForce.some((route) => refersTo(ref, route) && selectProxy(route, proxy) !== 'none') ? 'all' : 'none';
}

interface MergedKind {
  readonly kind: string;
  readonly strategy: MergeStrategy | undefined;
  readonly bothSides: boolean;
}

function kindRules(
  { kind, strategy, bothSides }: MergedKind,
  matched: readonly Matched[],
  inbounds: number,
  memo: Memo,
): KindRules {
  const policies = memo.intern(matched.map(({ policy }) => policy));
  const make = () => makeKindRules({ kind, strategy, bothSides }, { matched, policies }, inbounds, memo);
  // Most policies are about whole proxies: all of those that the same ones select have the same rules.
  const ofWhole = matched.every(({ selection }) => selection === 'all');
  return ofWhole ? memo.once('kind of whole proxies', [policies, kind, inbounds], make) : make();
}

function makeKindRules(
  { kind, strategy, bothSides }: MergedKind,
  { matched, policies }: { readonly matched: readonly Matched[]; readonly policies: readonly PolicyResource[] },
  inbounds: number,
  memo: Memo,
): KindRules {
  const to = bothSides ? memo.once('to all', [policies], () => Object.freeze(toAll(policies))) : outboundItems(policies, memo);
  const proxy = memo.once('proxy', [policies], () =>
    effective(
      policies.flatMap((policy) => policyItems(policy).proxy),
      strategy,
    ),
  );
  const perInbound = Array.from({ length: inbounds }, (_, i) => {
    const onInbound = matched.filter(({ selection }) => includesInbound(selection, i));
    const sides = memo.intern(onInbound.map(({ policy }) => inboundSide(policy, memo)).filter(({ length }) => length > 0));
    return memo.once('inbound rules', [sides, kind], () => inboundRules(kind, sides.flat(), strategy));
  });
  const shared = memo.intern(perInbound);
  return memo.once('kind', [policies, shared], () => Object.freeze({ kind, strategy, policies, to, inbounds: shared, proxy }));
}

/** By how exactly the destination is named, then as the policies are ordered. */
function outboundItems(policies: readonly PolicyResource[], memo: Memo): KindRules['to'] {
  const sides = memo.intern(policies.map((policy) => outboundSide(policy, memo)).filter(({ length }) => length > 0));
  const sorted = () => sides.flat().sort((a, b) => specificity(a.targetRef) - specificity(b.targetRef));
  return memo.once('to items', [sides], () => Object.freeze(sorted()));
}

/** Statements on all clients of the whole mesh, read as statements on all destinations. */
function toAll(policies: readonly PolicyResource[]): KindRules['to'] {
  return policies
    .filter(({ spec }) => (spec.targetRef?.kind ?? 'Mesh') === 'Mesh')
    .flatMap((policy) => policyItems(policy).inbound)
    .filter(forEveryone)
    .map(({ client, conf, origin }) => Object.freeze({ targetRef: client, conf, origin }));
}

function inboundRules(kind: string, items: readonly InboundItem[], strategy: MergeStrategy | undefined): InboundRules {
  return Object.freeze({ kind, items: Object.freeze(items), merged: effective(items.filter(forEveryone), strategy) });
}

function forEveryone({ client, matches }: InboundItem): boolean {
  return (client.kind ?? 'Mesh') === 'Mesh' && matches.length === 0;
}
