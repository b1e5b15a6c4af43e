import { byIdentity } from '../memo/by-identity.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { type MutualTls, mutualTls } from './mutual-tls.ts';

/** Not among the kinds that users see: control planes on one store agree by it. */
export const tlsReadinessKind = 'TlsReadiness';

/** Who takes mutual TLS in a mesh where it is PERMISSIVE: clients speak plain text with everybody else. */
export interface TlsReadiness {
  /** All services do, and whichever come later. */
  readonly all: boolean;
  readonly services: readonly string[];
}

export const nobodyReady: TlsReadiness = Object.freeze({ all: false, services: Object.freeze([]) });

/** How a service is called. */
export function tlsTowards({ resource, tlsReadiness }: MeshSnapshot, service: string): MutualTls {
  const tls = mutualTls(resource);
  return tls === 'permissive' && !isReady(tlsReadiness, service) ? 'off' : tls;
}

/** Services that are called in another way after a change of who is ready. */
export function calledOtherwise(before: MeshSnapshot, after: MeshSnapshot): readonly string[] {
  const [was, is] = [before.tlsReadiness, after.tlsReadiness];
  if (was === is || mutualTls(after.resource) !== 'permissive') return [];
  const named = was.all === is.all ? [...was.services, ...is.services] : [...after.callers.keys(), ...after.routesTo.keys()];
  return named.filter((service) => isReady(was, service) !== isReady(is, service));
}

function isReady(readiness: TlsReadiness, service: string): boolean {
  return readiness.all || servicesOf(readiness).has(service);
}

const servicesOf = byIdentity(({ services }: TlsReadiness): ReadonlySet<string> => new Set(services));
