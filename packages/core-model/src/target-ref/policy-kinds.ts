import { kinds } from '../generated/kinds.ts';
import type { PolicyRoles } from '../resources/kind.ts';

/** Every kind of policy, with what it may contain. */
export const policyKinds: ReadonlyMap<string, PolicyRoles> = new Map(
  kinds.flatMap(({ name, policy }) => (policy ? [[name, policy] as const] : [])),
);
