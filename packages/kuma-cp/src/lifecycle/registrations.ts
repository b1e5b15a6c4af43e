import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { ProxyKey } from '../pipeline/proxy-key.ts';
import type { WriteOp } from '../store/store.ts';

/** What the control planes keep of a proxy that has or had a stream, beside its Dataplane. */
export interface Registration {
  /** The Dataplane came with a stream, and goes with it, whoever had created it. One that the proxy did not bring stays. */
  readonly owned: boolean;
  /** Ports of the inbounds that were closed when the proxy said goodbye; opened again when it comes back. */
  readonly drained: readonly number[];
  /** The proxy has said goodbye, and nobody waits for it to come back. */
  readonly draining?: boolean;
  /** Where several control planes are: the one that serves its stream, or did last. */
  readonly instance?: string;
  /** Names the stream among all there ever were. */
  readonly session?: string;
}

/** Not among the kinds that users see. Written together with the Dataplane, so that whoever is late is refused by its revision. */
export const registrationType = 'DataplaneRegistration';

export function registrationKey({ mesh, name }: ProxyKey): ResourceKey {
  return { type: registrationType, mesh, name };
}

export function isRegistration(resource: Resource): resource is Resource<Registration> {
  return resource.type === registrationType;
}

/**
 * What brings the stored registration to the wanted one.
 * @param wanted undefined for none
 */
export function registrationWrite(
  proxy: ProxyKey,
  stored: Resource<Registration> | undefined,
  wanted: Registration | undefined,
): readonly WriteOp[] {
  const key = registrationKey(proxy);
  if (wanted === undefined) return stored ? [{ op: 'delete', key, expected: stored.revision }] : [];
  if (stored && sameRegistration(stored.spec, wanted)) return [];
  const draft = { ...key, labels: {}, spec: wanted };
  return [stored ? { op: 'update', draft, expected: stored.revision } : { op: 'create', draft }];
}

function sameRegistration(a: Registration, b: Registration): boolean {
  return (
    a.owned === b.owned &&
    (a.draining ?? false) === (b.draining ?? false) &&
    a.instance === b.instance &&
    a.session === b.session &&
    a.drained.join() === b.drained.join()
  );
}
