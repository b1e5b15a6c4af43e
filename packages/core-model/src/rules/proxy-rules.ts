import type { PolicyResource } from '../target-ref/policy-spec.ts';
import type { Effective } from './effective.ts';
import type { MergeStrategy } from './merge.ts';
import type { InboundItem, ToItem } from './policy-items.ts';

/** Everything that policies say about one proxy, before it is turned into configuration. Objects are shared by proxies alike. */
export interface ProxyRules {
  readonly mesh: string;
  readonly name: string;
  /** By kind of policy; kinds of which no policy selects the proxy are absent. */
  readonly kinds: ReadonlyMap<string, KindRules>;
}

/** Rules of one kind of policy. */
export interface KindRules {
  readonly kind: string;
  readonly strategy: MergeStrategy | undefined;
  /** The policies that select the proxy, in order of merging. */
  readonly policies: readonly PolicyResource[];
  /** Outgoing traffic, in order of merging; `rules/outbound-rules.ts` finds what applies to a destination. */
  readonly to: readonly ToItem[];
  /** Incoming traffic, one for each inbound of the proxy. */
  readonly inbounds: readonly InboundRules[];
  /** The proxy as a whole. */
  readonly proxy: Effective | undefined;
}

/** What policies of a kind say about one inbound. */
export interface InboundRules<Conf = unknown> {
  readonly kind: string;
  /** Everything, in order of merging; for policies that tell clients apart. */
  readonly items: readonly InboundItem[];
  /** What applies to every client. */
  readonly merged: Effective<Conf> | undefined;
}
