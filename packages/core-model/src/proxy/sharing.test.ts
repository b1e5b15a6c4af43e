import { describe, expect, it } from 'vitest';
import type { Resource } from '../resources/resource.ts';
import { applyChanges, emptySnapshot, type MeshSnapshot } from '../snapshot/index.ts';
import { dataplane, inbound, mesh, outbound, proxyInput, resource } from '../testing/resources.ts';
import { buildProxy, Memo } from './index.ts';

function snapshotOf(...resources: Resource[]): MeshSnapshot {
  return after(emptySnapshot('default'), ...resources);
}

function after(snapshot: MeshSnapshot, ...resources: Resource[]): MeshSnapshot {
  return applyChanges(
    snapshot,
    resources.map((resource) => ({ after: resource })),
  ).snapshot;
}

const web = (name: string, address: string) =>
  dataplane(name, { address, inbound: [inbound('web', 80)], outbound: [outbound('backend', 1000)] });
const backend = (name: string, address: string) => dataplane(name, { address, inbound: [inbound('backend', 80)] });
const timeout = resource('MeshTimeout', 't', { to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '1s' } }] });
const permit = (action: string) =>
  resource('MeshTrafficPermission', 'p', { from: [{ targetRef: { kind: 'Mesh' }, default: { action } }] });

describe('proxies alike', () => {
  const snapshot = snapshotOf(mesh('STRICT'), web('w1', '10.0.0.1'), web('w2', '10.0.0.2'), backend('b1', '10.0.0.3'), timeout);
  const memo = new Memo();
  const w1 = buildProxy(snapshot, proxyInput(snapshot, 'w1'), memo);
  const w2 = buildProxy(snapshot, proxyInput(snapshot, 'w2'), memo);

  it('share clusters, routes, endpoints, secrets and outbound listeners as objects', () => {
    for (const part of ['clusters', 'routes', 'endpoints', 'secrets'] as const) {
      expect(w1[part].length).toBeGreaterThan(0);
      w1[part].forEach((piece, i) => {
        expect(w2[part][i]).toBe(piece);
      });
    }
    expect(w2.listeners[1]).toBe(w1.listeners[1]);
    expect(w2.listeners[0]).not.toBe(w1.listeners[0]);
  });

  it('are frozen through and through', () => {
    const unfrozen = (value: unknown, path: string): string[] => {
      if (typeof value !== 'object' || value === null) return [];
      return [
        ...(Object.isFrozen(value) ? [] : [path]),
        ...Object.entries(value).flatMap(([key, member]) => unfrozen(member, `${path}.${key}`)),
      ];
    };
    expect(unfrozen(w1, 'proxy')).toEqual([]);
  });

  it('share across snapshots what a change leaves alone', () => {
    const next = after(snapshot, backend('b2', '10.0.0.4'));
    const changed = buildProxy(next, proxyInput(next, 'w1'), memo);
    for (const part of ['listeners', 'clusters', 'routes', 'secrets'] as const) {
      changed[part].forEach((piece, i) => {
        expect(piece).toBe(w1[part][i]);
      });
    }
    expect(changed.endpoints[0]).not.toBe(w1.endpoints[0]);
  });

  it('keep listeners and clusters as they are when a permission changes', () => {
    const allowed = after(snapshot, permit('Allow'));
    const denied = after(snapshot, permit('Deny'));
    const a = buildProxy(allowed, proxyInput(allowed, 'b1'), memo);
    const b = buildProxy(denied, proxyInput(denied, 'b1'), memo);
    expect(b.listeners[0]).toBe(a.listeners[0]);
    expect(b.clusters[0]).toBe(a.clusters[0]);
    expect(b.routes[0]).not.toBe(a.routes[0]);
    expect(b.routes[0]?.permission?.rules[0]?.action).toBe('Deny');
  });

  it('keep listeners and routes as they are when only clusters change', () => {
    const to = [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '2s' } }];
    const next = after(snapshot, resource('MeshTimeout', 't', { to }));
    const changed = buildProxy(next, proxyInput(next, 'w1'), memo);
    expect(changed.clusters.find(({ name }) => name === 'backend')?.timeouts.connect).toBe(2000);
    for (const part of ['listeners', 'routes'] as const) {
      changed[part].forEach((piece, i) => {
        expect(piece).toBe(w1[part][i]);
      });
    }
  });

  it('share what policies say of their destinations, be they others for each', () => {
    const retry = (name: string, of: string) =>
      resource('MeshRetry', name, {
        targetRef: { kind: 'Dataplane', name: of },
        to: [{ targetRef: { kind: 'Mesh' }, default: { http: { numRetries: 3 } } }],
      });
    const slow = (name: string, of: string) =>
      resource('MeshTimeout', name, {
        targetRef: { kind: 'Dataplane', name: of },
        to: [{ targetRef: { kind: 'Mesh' }, default: { idleTimeout: '1h', http: { requestTimeout: '9s' } } }],
      });
    const own = after(snapshot, retry('r1', 'w1'), retry('r2', 'w2'), slow('s1', 'w1'), slow('s2', 'w2'));
    const one = buildProxy(own, { ...proxyInput(own, 'w1'), origins: true }, memo);
    const other = buildProxy(own, { ...proxyInput(own, 'w2'), origins: true }, memo);
    for (const part of ['clusters', 'routes'] as const) expect(other[part]).toBe(one[part]);
    expect(other.listeners[1]).toBe(one.listeners[1]);
    const routes = (proxy: typeof one) =>
      proxy.origins?.find(({ piece, name }) => piece === 'routes' && name === 'outbound:backend');
    expect(routes(one)?.origins.map(({ kri }) => kri)).toEqual([
      'kri_mt_default___t_',
      'kri_mt_default___s1_',
      'kri_mr_default___r1_',
    ]);
    expect(routes(other)?.origins.map(({ kri }) => kri)).toEqual([
      'kri_mt_default___t_',
      'kri_mt_default___s2_',
      'kri_mr_default___r2_',
    ]);
  });

  it('do not depend on the memo', () => {
    expect(buildProxy(snapshot, proxyInput(snapshot, 'w1'))).toEqual(w1);
  });
});

describe('callers of a destination whose near endpoints come first', () => {
  const near = resource('MeshLoadBalancingStrategy', 'near', {
    to: [
      {
        targetRef: { kind: 'MeshService', name: 'backend' },
        default: { localityAwareness: { localZone: { affinityTags: [{ key: 'rack' }] } } },
      },
    ],
  });
  const balanced = resource('MeshLoadBalancingStrategy', 'near', {
    to: [{ targetRef: { kind: 'Mesh' }, default: { loadBalancer: { type: 'Random' } } }],
  });
  const caller = (name: string, rack: string) =>
    dataplane(name, { inbound: [inbound('web', 80, { rack })], outbound: [outbound('backend', 1000)] });
  const callers = [caller('w1', 'r1'), caller('w2', 'r1'), caller('w3', 'r2')];
  const endpointsIn = (snapshot: MeshSnapshot, memo: Memo) =>
    callers.map(({ name }) => buildProxy(snapshot, proxyInput(snapshot, name), memo).endpoints[0]!);

  it('share endpoints with those for whom the same ones are near', () => {
    const [first, second, third] = endpointsIn(snapshotOf(mesh(), ...callers, backend('b1', '10.0.0.3'), near), new Memo());
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('share them all where nothing says what is near', () => {
    const snapshot = snapshotOf(mesh(), ...callers, backend('b1', '10.0.0.3'), balanced);
    const [first, ...others] = endpointsIn(snapshot, new Memo());
    expect(first).toBe(snapshot.services.get('backend')!.endpoints);
    for (const other of others) expect(other).toBe(first);
  });
});
