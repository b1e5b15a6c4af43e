import type { MergeStrategy } from '../rules/merge.ts';
import { meshTrafficPermission } from './mesh-traffic-permission/apply.ts';
import type { Policy } from './policy.ts';

/**
 * All policies that shape a proxy, in the order in which their hooks are applied: what makes routes before what changes
 * them, and what changes single values before what patches the result.
 */
export const policies: readonly Policy<never, never>[] = [meshTrafficPermission];

export const mergeStrategies: Readonly<Record<string, MergeStrategy>> = Object.fromEntries(
  policies.flatMap(({ kind, merge }) => (merge ? [[kind, merge]] : [])),
);
