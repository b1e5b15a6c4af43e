import type { Dataplane, Dataplane_Inbound, Dataplane_Outbound } from '../generated/types/kuma/dataplane.ts';
import type { ProxyInput } from '../proxy/index.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { Resource } from '../resources/resource.ts';
import type { MeshSnapshot } from '../snapshot/index.ts';

/** Resources for tests, in the form in which the store has them. */
export function resource<Spec>(type: string, name: string, spec: Spec, labels: Record<string, string> = {}): Resource<Spec> {
  const time = '2024-01-01T00:00:00Z';
  const at = { creationTime: time, modificationTime: time, revision: 1 };
  return deepFreeze({ type, mesh: type === 'Mesh' ? '' : 'default', name, labels, spec, ...at });
}

export interface DataplaneShape {
  readonly address?: string;
  readonly inbound?: Dataplane_Inbound[];
  readonly outbound?: Dataplane_Outbound[];
  readonly labels?: Record<string, string>;
}

export function dataplane(name: string, shape: DataplaneShape = {}): Resource<Dataplane> {
  const { address = '127.0.0.1', inbound = [], outbound = [], labels = {} } = shape;
  return resource('Dataplane', name, { networking: { address, inbound, outbound } }, labels);
}

/** Tags beside the service may change the protocol, which is http otherwise. */
export function inbound(service: string, port: number, tags: Record<string, string> = {}): Dataplane_Inbound {
  return { port, servicePort: port + 1, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http', ...tags } };
}

export function outbound(service: string, port: number, tags: Record<string, string> = {}): Dataplane_Outbound {
  return { port, tags: { 'kuma.io/service': service, ...tags } };
}

export function mesh(mtls: 'off' | 'STRICT' | 'PERMISSIVE' = 'off'): Resource {
  if (mtls === 'off') return resource('Mesh', 'default', {});
  return resource('Mesh', 'default', { mtls: { enabledBackend: 'ca', backends: [{ name: 'ca', type: 'builtin', mode: mtls }] } });
}

export function proxyInput(snapshot: MeshSnapshot, name: string): ProxyInput {
  return { dataplane: snapshot.dataplanes.get(name)!, zone: 'default', features: new Set(), readinessPort: 9902 };
}
