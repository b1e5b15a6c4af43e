import type { ClientMatch } from '../generated/types/kuma/client_match.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { byIdentity } from '../memo/by-identity.ts';
import { isOfSidecars } from '../resources/client-match.ts';
import { kriOf } from '../resources/kri.ts';
import type { PolicyItem, PolicyResource } from '../target-ref/policy-spec.ts';

/** Where a piece of configuration stands: an item of a policy. */
export interface RuleOrigin {
  readonly policy: PolicyResource;
  readonly kri: string;
  /** Index in `to`, `from` or `rules`; absent for policies without items. */
  readonly ruleIndex?: number;
}

/** Configuration of outgoing traffic to some destinations. */
export interface ToItem {
  readonly targetRef: TargetRef;
  readonly conf: unknown;
  readonly origin: RuleOrigin;
}

/** Configuration of incoming traffic. */
export interface InboundItem {
  readonly list: 'from' | 'rules';
  /** Clients that it is for, of `from`. */
  readonly client: TargetRef;
  /** Conditions of `rules`; empty for all traffic. */
  readonly matches: readonly ClientMatch[];
  readonly conf: unknown;
  readonly origin: RuleOrigin;
}

/** Configuration of the whole proxy. */
export interface ProxyItem {
  readonly conf: unknown;
  readonly origin: RuleOrigin;
}

/** A policy's items, each with its origin, read once. */
export interface PolicyItems {
  readonly to: readonly ToItem[];
  readonly inbound: readonly InboundItem[];
  readonly proxy: readonly ProxyItem[];
}

export const policyItems: (policy: PolicyResource) => PolicyItems = byIdentity((policy) => {
  const { to = [], from = [], rules = [] } = policy.spec;
  const kri = kriOf(policy);
  const origin = (ruleIndex?: number): RuleOrigin =>
    Object.freeze({ policy, kri, ...(ruleIndex !== undefined && { ruleIndex }) });
  return {
    to: Object.freeze(
      to.map((item, i) => Object.freeze({ targetRef: destinationOf(policy, item), conf: confOf(item), origin: origin(i) })),
    ),
    inbound: Object.freeze([
      ...from.map((item, i) => {
        const client = item.targetRef ?? wholeMesh;
        return Object.freeze({ list: 'from' as const, client, matches: [], conf: confOf(item), origin: origin(i) });
      }),
      ...rules.flatMap(({ matches: stated = [], default: conf = {} }, i) => {
        const matches = stated.filter(isOfSidecars);
        if (matches.length === 0 && stated.length > 0) return [];
        return Object.freeze({ list: 'rules' as const, client: wholeMesh, matches, conf, origin: origin(i) });
      }),
    ]),
    proxy: policy.spec.default === undefined ? [] : [Object.freeze({ conf: policy.spec.default, origin: origin() })],
  };
});

const wholeMesh: TargetRef = Object.freeze({ kind: 'Mesh' });

/** A policy that is attached to a route as a whole means the route wherever it says the mesh. */
function destinationOf(policy: PolicyResource, item: PolicyItem): TargetRef {
  const { targetRef } = policy.spec;
  const ref = item.targetRef ?? wholeMesh;
  if (targetRef?.kind !== 'MeshHTTPRoute' || ref.kind !== 'Mesh') return ref;
  return targetRef;
}

/** Routes have their `rules` for configuration. */
function confOf(item: PolicyItem): unknown {
  return item.rules === undefined ? (item.default ?? {}) : { rules: item.rules };
}
