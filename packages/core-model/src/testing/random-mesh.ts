import type { Resource } from '../resources/resource.ts';
import { dataplane, inbound, mesh, outbound, resource } from './resources.ts';

export type Random = () => number;

/** Numbers that are the same for the same seed (mulberry32). */
export function random(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function pick<T>(next: Random, from: readonly T[]): T {
  return from[Math.floor(next() * from.length)]!;
}

const services = ['web', 'api', 'db', 'cache'];
const names = Array.from({ length: 12 }, (_, i) => `dp-${i}`);

/** A dataplane, policy or mesh that replaces one of few names, so that changes hit what is there. */
export function randomResource(next: Random): Resource {
  const dice = next();
  if (dice < 0.5) return randomDataplane(next);
  if (dice < 0.55) return mesh(pick(next, ['off', 'STRICT', 'PERMISSIVE'] as const));
  if (dice < 0.62) return randomOtelBackend(next);
  if (dice < 0.67)
    return resource('TlsReadiness', 'default', { all: next() < 0.3, services: services.filter(() => next() < 0.5) });
  return randomPolicy(next);
}

const collectors = ['c1', 'c2'];

function randomOtelBackend(next: Random): Resource {
  const endpoint = { address: '10.1.0.1', port: 4317 + Math.floor(next() * 2) };
  const made = resource('MeshOpenTelemetryBackend', pick(next, collectors), { endpoint }, { tier: pick(next, ['a', 'b']) });
  return { ...made, creationTime: `2024-01-0${Math.ceil(next() * 3)}T00:00:00Z` };
}

/** A collector that may be there or not, by name or by labels. */
function randomOtelUse(next: Random): object {
  const backendRef = {
    kind: 'MeshOpenTelemetryBackend',
    ...pick(next, [{ name: pick(next, collectors) }, { labels: { tier: 'a' } }]),
  };
  return { backends: [{ type: 'OpenTelemetry', openTelemetry: { backendRef } }] };
}

function randomDataplane(next: Random): Resource {
  const ports = next() < 0.3 ? [80, 81] : [80];
  return dataplane(pick(next, names), {
    address: `10.0.0.${Math.ceil(next() * 3)}`,
    inbound: ports.map((port) => ({
      ...inbound(pick(next, services), port, {
        'kuma.io/protocol': pick(next, ['http', 'http', 'http', 'grpc', 'tcp']),
        ...(next() < 0.5 && { version: pick(next, ['v1', 'v2']) }),
        ...(next() < 0.2 && { 'kuma.io/zone': pick(next, ['east', 'west']) }),
      }),
      ...(next() < 0.2 && { state: pick(next, ['NotReady', 'Ignored', 'Ready'] as const) }),
      ...(next() < 0.3 && { name: 'main' }),
    })),
    outbound: services
      .filter(() => next() < 0.4)
      .map((service, i) => outbound(service, 1000 + i, next() < 0.2 ? { version: 'v1' } : {})),
    labels: { ...(next() < 0.5 && { app: pick(next, ['a', 'b']) }), ...(next() < 0.5 && { 'k8s.kuma.io/namespace': 'shop' }) },
  });
}

function randomTarget(next: Random): object {
  return pick(next, [
    { kind: 'Mesh' },
    { kind: 'Mesh', proxyTypes: ['Sidecar'] },
    { kind: 'Dataplane', labels: { app: 'a' } },
    { kind: 'Dataplane', name: pick(next, names) },
    { kind: 'Dataplane', labels: { app: 'b' }, sectionName: 'main' },
    { kind: 'MeshSubset', tags: { version: pick(next, ['v1', '*']) } },
    { kind: 'MeshService', name: pick(next, services) },
    { kind: 'MeshServiceSubset', name: pick(next, services), tags: { version: 'v2' } },
  ]);
}

function randomDestination(next: Random): object {
  return next() < 0.4 ? { kind: 'Mesh' } : { kind: 'MeshService', name: pick(next, services) };
}

function randomPolicy(next: Random): Resource {
  const name = pick(next, ['p1', 'p2', 'p3']);
  const targetRef = randomTarget(next);
  const labels: Record<string, string> = {
    ...(next() < 0.1 && { 'kuma.io/effect': 'shadow' }),
    ...(next() < 0.1 && { 'kuma.io/policy-role': 'consumer', 'k8s.kuma.io/namespace': 'shop' }),
  };
  const timeouts = { connectionTimeout: `${Math.ceil(next() * 9)}s`, http: { requestTimeout: `${Math.ceil(next() * 9)}s` } };
  switch (
    pick(next, [
      'MeshTrafficPermission',
      'MeshTimeout',
      'MeshRetry',
      'MeshHTTPRoute',
      'MeshTCPRoute',
      'MeshLoadBalancingStrategy',
      'MeshAccessLog',
      'MeshTrace',
    ])
  ) {
    case 'MeshTrafficPermission': {
      const from = [{ targetRef: { kind: 'Mesh' }, default: { action: pick(next, ['Allow', 'Deny']) } }];
      return resource('MeshTrafficPermission', name, { targetRef, from }, labels);
    }
    case 'MeshRetry':
      return resource(
        'MeshRetry',
        name,
        { targetRef, to: [{ targetRef: randomDestination(next), default: { http: { numRetries: 2 } } }] },
        labels,
      );
    case 'MeshHTTPRoute': {
      const backendRefs = [{ kind: 'MeshServiceSubset', name: pick(next, services), tags: { version: 'v1' }, weight: 1 }];
      const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/x' } }], default: { backendRefs } }];
      return resource(
        'MeshHTTPRoute',
        name,
        { targetRef, to: [{ targetRef: { kind: 'MeshService', name: pick(next, services) }, rules }] },
        labels,
      );
    }
    case 'MeshLoadBalancingStrategy': {
      const localZone = { affinityTags: [{ key: 'version' }, { key: 'app' }] };
      const crossZone = { failover: [{ to: { type: 'AnyExcept', zones: ['east'] } }, { to: { type: 'Any' } }] };
      const localityAwareness = pick(next, [{ localZone }, { crossZone }, { localZone, crossZone }, { disabled: true }, {}]);
      const to = [{ targetRef: randomDestination(next), default: { localityAwareness } }];
      return resource('MeshLoadBalancingStrategy', name, { targetRef, to }, labels);
    }
    case 'MeshAccessLog': {
      const to = [{ targetRef: randomDestination(next), default: randomOtelUse(next) }];
      return resource('MeshAccessLog', name, { targetRef, to }, labels);
    }
    case 'MeshTrace':
      return resource('MeshTrace', name, { targetRef, default: randomOtelUse(next) }, labels);
    case 'MeshTCPRoute': {
      const rules = [{ default: { backendRefs: [{ kind: 'MeshService', name: pick(next, services) }] } }];
      return resource(
        'MeshTCPRoute',
        name,
        { targetRef, to: [{ targetRef: { kind: 'MeshService', name: pick(next, services) }, rules }] },
        labels,
      );
    }
    default: {
      if (next() < 0.3) {
        const onRoute = { kind: 'MeshHTTPRoute', name: pick(next, ['p1', 'p2']) };
        return resource(
          'MeshTimeout',
          name,
          { targetRef: onRoute, to: [{ targetRef: { kind: 'Mesh' }, default: timeouts }] },
          labels,
        );
      }
      const rules = next() < 0.5 ? [{ default: timeouts }] : undefined;
      return resource(
        'MeshTimeout',
        name,
        { targetRef, to: [{ targetRef: randomDestination(next), default: timeouts }], ...(rules && { rules }) },
        labels,
      );
    }
  }
}
