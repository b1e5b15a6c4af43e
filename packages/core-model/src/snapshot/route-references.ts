import type { BackendRef } from '../generated/types/kuma/target_ref.ts';
import { byIdentity } from '../memo/by-identity.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';

/** Services that a policy's routes send traffic to, by backendRefs and mirrors. */
export const servicesReferred: (policy: PolicyResource) => ReadonlySet<string> = byIdentity((policy) => {
  const services = new Set<string>();
  for (const { rules } of policy.spec.to ?? []) collect(rules, services);
  return services;
});

/**
 * References stand at kind-specific places (`backendRefs`, `requestMirror.backendRef`); looking for the names, and not at
 * the places, serves every route kind alike.
 */
function collect(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      if (key === 'backendRef') add(field as BackendRef, into);
      else if (key === 'backendRefs') for (const ref of field as readonly BackendRef[]) add(ref, into);
      else collect(field, into);
    }
  }
}

function add(ref: BackendRef, into: Set<string>): void {
  if (ref.name) into.add(ref.name);
}
