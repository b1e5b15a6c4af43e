import type { ClientMatch } from '../generated/types/kuma/client_match.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import type { Resource } from '../resources/resource.ts';

/** What every policy's specification has in common, whatever its kind. */
export interface PolicySpec {
  readonly targetRef?: TargetRef | undefined;
  readonly to?: readonly PolicyItem[] | undefined;
  readonly from?: readonly PolicyItem[] | undefined;
  readonly rules?: readonly PolicyRule[] | undefined;
  readonly default?: unknown;
}

/** An item of `to` or `from`. Routes have `rules` where other policies have `default`. */
export interface PolicyItem {
  readonly targetRef?: TargetRef | undefined;
  readonly default?: unknown;
  readonly rules?: unknown;
}

/** An item of a policy's own `rules`: incoming traffic. */
export interface PolicyRule {
  readonly matches?: readonly ClientMatch[] | undefined;
  readonly default?: unknown;
}

export type PolicyResource = Resource<PolicySpec>;

/** A policy as it is written, be it one that is not there yet. */
export type WrittenPolicy = Pick<PolicyResource, 'type' | 'labels' | 'spec'>;
