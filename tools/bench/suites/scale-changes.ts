import { dataplaneOf, type FleetOptions, groupLabel, serviceName } from '../simulator/fleet.ts';

/** What one PUT changes. */
export interface Change {
  readonly path: string;
  readonly body: object;
}

/** Every cluster of every sidecar. */
export function timeoutForAll(round: number): Change {
  return policy(
    'MeshTimeout',
    'bench-all',
    { kind: 'Mesh' },
    { to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: `${10 + round}s` } }] },
  );
}

/** Every cluster of ten sidecars. */
export function timeoutForTen(round: number): Change {
  const ten = { kind: 'Dataplane', labels: groupLabel };
  return policy('MeshTimeout', 'bench-ten', ten, {
    to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: `${100 + round}s` } }],
  });
}

/** What every inbound lets in; of policies alike the first by name has the last word. */
export function permissionForAll(round: number): Change {
  const client = { kind: 'MeshService', name: `client-of-round-${round}` };
  return policy(
    'MeshTrafficPermission',
    'a-bench-all',
    { kind: 'Mesh' },
    { from: [{ targetRef: client, default: { action: 'Deny' } }] },
  );
}

/** One more instance of a service. */
export function endpoint(round: number, { services, outbounds }: Pick<FleetOptions, 'services' | 'outbounds'>): Change {
  const { networking } = dataplaneOf(0, { mesh: 'default', services, outbounds });
  const name = `extra-${round}`;
  const body = { type: 'Dataplane', mesh: 'default', name, networking: { ...networking, address: `127.200.0.${round}` } };
  return { path: `/meshes/default/dataplanes/${name}`, body };
}

/** Number `index` of the policies that a mesh has beside those that change: for services, for callers of services, for single proxies. */
export function furtherPolicy(index: number, { services }: Pick<FleetOptions, 'services'>): Change {
  const service = { kind: 'MeshService', name: serviceName(index % services) };
  const subset = { kind: 'MeshSubset', tags: { 'kuma.io/service': serviceName(index % services) } };
  const all = { kind: 'Mesh' };
  const name = `further-${index}`;
  switch (index % 4) {
    case 0:
      return policy('MeshTimeout', name, subset, { to: [{ targetRef: all, default: { idleTimeout: '30m' } }] });
    case 1:
      return policy('MeshRetry', name, all, { to: [{ targetRef: service, default: { http: { numRetries: 3 } } }] });
    case 2:
      return policy('MeshTrafficPermission', name, subset, { from: [{ targetRef: service, default: { action: 'Allow' } }] });
    default:
      return policy(
        'MeshCircuitBreaker',
        name,
        { kind: 'Dataplane', name: `simulated-${index}` },
        { to: [{ targetRef: service, default: { connectionLimits: { maxConnections: 100 } } }] },
      );
  }
}

function policy(type: string, name: string, targetRef: object, rest: object): Change {
  const plurals: Readonly<Record<string, string>> = { MeshRetry: 'meshretries' };
  const path = `/meshes/default/${plurals[type] ?? `${type.toLowerCase()}s`}/${name}`;
  return { path, body: { type, mesh: 'default', name, spec: { targetRef, ...rest } } };
}
