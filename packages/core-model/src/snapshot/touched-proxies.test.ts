import { describe, expect, it } from 'vitest';
import type { Resource } from '../resources/resource.ts';
import { dataplane, inbound, mesh, outbound, resource } from '../testing/resources.ts';
import { applyChanges, emptySnapshot, type ResourceChange, touchedProxies } from './index.ts';

const start: Resource[] = [
  mesh(),
  dataplane('web', { inbound: [inbound('web', 80)], outbound: [outbound('api', 1000)], labels: { app: 'web' } }),
  dataplane('api', { inbound: [inbound('api', 81)], outbound: [outbound('db', 1000)] }),
  dataplane('db', { inbound: [inbound('db', 82, { 'kuma.io/protocol': 'tcp' })] }),
];

function touchedBy(changes: readonly ResourceChange[], more: readonly Resource[] = []) {
  const before = applyChanges(
    emptySnapshot('default'),
    [...start, ...more].map((after) => ({ after })),
  ).snapshot;
  const { snapshot, delta } = applyChanges(before, changes);
  const { rebuild, endpoints, removed } = touchedProxies(before, snapshot, delta);
  return { rebuild: [...rebuild].sort(), endpoints: [...endpoints].sort(), removed: [...removed].sort() };
}

const timeouts = { connectionTimeout: '1s' };

describe('what a change touches', () => {
  it('is the callers of a service whose instances changed, for their endpoints only', () => {
    const after = dataplane('api-2', { inbound: [inbound('api', 83)] });
    expect(touchedBy([{ after }])).toEqual({ rebuild: ['api-2'], endpoints: ['web'], removed: [] });
  });

  it('is the callers wholly when the protocol of a service changed', () => {
    const after = dataplane('api-2', { inbound: [inbound('api', 83, { 'kuma.io/protocol': 'tcp' })] });
    expect(touchedBy([{ after }])).toEqual({ rebuild: ['api-2', 'web'], endpoints: [], removed: [] });
  });

  it('is nobody else when what others see of a dataplane stays the same', () => {
    const after = dataplane('api', { inbound: [inbound('api', 81)], outbound: [] });
    expect(touchedBy([{ after }])).toEqual({ rebuild: ['api'], endpoints: [], removed: [] });
  });

  it('is the callers when an instance is gone, and the instance as removed', () => {
    expect(touchedBy([{ before: start[3]! }])).toEqual({ rebuild: [], endpoints: ['api'], removed: ['db'] });
  });

  it('is the proxies that a policy selects, before as well as after', () => {
    const policy = (targetRef: object) => resource('MeshTrafficPermission', 'p', { targetRef, from: [] });
    const before = policy({ kind: 'MeshService', name: 'api' });
    const after = policy({ kind: 'Dataplane', labels: { app: 'web' } });
    expect(touchedBy([{ after }], [before])).toEqual({ rebuild: ['api', 'web'], endpoints: [], removed: [] });
  });

  it('is, of the proxies that a policy selects, those that call what it is about', () => {
    const to = [{ targetRef: { kind: 'MeshService', name: 'db' }, default: timeouts }];
    expect(touchedBy([{ after: resource('MeshTimeout', 't', { to }) }]).rebuild).toEqual(['api']);
  });

  it('counts those in that a route leads to what the policy is about', () => {
    const rules = [{ default: { backendRefs: [{ kind: 'MeshService', name: 'db' }] } }];
    const route = resource('MeshTCPRoute', 'r', { to: [{ targetRef: { kind: 'MeshService', name: 'api' }, rules }] });
    const to = [{ targetRef: { kind: 'MeshService', name: 'db' }, default: timeouts }];
    expect(touchedBy([{ after: resource('MeshTimeout', 't', { to }) }], [route]).rebuild).toEqual(['api', 'web']);
  });

  it('is the proxies of a route for a policy that is attached to the route', () => {
    const route = resource('MeshHTTPRoute', 'r', { targetRef: { kind: 'Dataplane', name: 'web' }, to: [] });
    const targetRef = { kind: 'MeshHTTPRoute', name: 'r' };
    const after = resource('MeshTimeout', 't', { targetRef, to: [{ targetRef: { kind: 'Mesh' }, default: timeouts }] });
    expect(touchedBy([{ after }], [route]).rebuild).toEqual(['web']);
  });

  describe('of a collector', () => {
    const backend = (port: number, labels: Record<string, string> = {}) =>
      resource('MeshOpenTelemetryBackend', 'otel', { endpoint: { port } }, labels);
    const sending = (ref: object) => ({
      backends: [{ type: 'OpenTelemetry', openTelemetry: { backendRef: { kind: 'MeshOpenTelemetryBackend', ...ref } } }],
    });
    const policies = [
      resource('MeshTrace', 'of-web', { targetRef: { kind: 'Dataplane', name: 'web' }, default: sending({ name: 'otel' }) }),
      resource('MeshAccessLog', 'to-db', {
        to: [{ targetRef: { kind: 'MeshService', name: 'db' }, default: sending({ labels: { tier: 'a' } }) }],
      }),
      resource('MeshMetric', 'of-db', { targetRef: { kind: 'Dataplane', name: 'db' }, default: sending({ name: 'other' }) }),
    ];

    it('is the proxies of the policies that refer to it', () => {
      expect(touchedBy([{ after: backend(1) }], policies).rebuild).toEqual(['web']);
      expect(touchedBy([{ after: backend(1, { tier: 'a' }) }], policies).rebuild).toEqual(['api', 'web']);
    });

    it('is those that referred to it before, too', () => {
      const before = backend(1, { tier: 'a' });
      expect(touchedBy([{ before }], [before, ...policies]).rebuild).toEqual(['api', 'web']);
      expect(touchedBy([{ after: backend(1) }], [before, ...policies]).rebuild).toEqual(['api', 'web']);
    });
  });

  it('is everybody when the mesh changes', () => {
    expect(touchedBy([{ after: mesh('STRICT') }]).rebuild).toEqual(['api', 'db', 'web']);
  });

  it('is nobody for kinds that shape no proxy, and for other meshes', () => {
    const elsewhere = { ...resource('Dataplane', 'x', {}), mesh: 'other' };
    expect(touchedBy([{ after: resource('Secret', 's', { data: '' }) }, { after: elsewhere }])).toEqual({
      rebuild: [],
      endpoints: [],
      removed: [],
    });
  });
});
