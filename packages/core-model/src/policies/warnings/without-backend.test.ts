import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, resource } from '../../testing/resources.ts';
import { withoutBackendWarnings } from './without-backend.ts';

const proxies = ['web', 'api'].map((app) => dataplane(app, { inbound: [inbound(app, 80)], labels: { app } }));
const metric = (name: string, conf: object, targetRef: object = { kind: 'Mesh' }) =>
  resource<object>('MeshMetric', name, { targetRef, default: conf });
const applications = [{ port: 8080 }];
const backends = [{ type: 'Prometheus', prometheus: {} }];
const onWeb = { kind: 'Dataplane', labels: { app: 'web' } };

function warnings(written: ReturnType<typeof metric>, ...others: readonly ReturnType<typeof metric>[]): readonly string[] {
  const all = [mesh(), ...proxies, ...others].map((after) => ({ after }));
  return withoutBackendWarnings(applyChanges(emptySnapshot('default'), all).snapshot, written);
}

test('metrics for which no proxy has a backend say so', () => {
  const told = [expect.stringContaining('no proxy that it selects has a backend')];
  expect(warnings(metric('a', { applications }))).toEqual(told);
  expect(warnings(metric('a', { applications }, onWeb), metric('b', { backends }, { ...onWeb, labels: { app: 'api' } }))).toEqual(
    told,
  );
});

test('a backend of their own, of another policy, or taken away on purpose, leaves nothing to be said', () => {
  expect(warnings(metric('a', { applications, backends }))).toEqual([]);
  expect(warnings(metric('a', { applications }), metric('b', { backends }, onWeb))).toEqual([]);
  expect(warnings(metric('a', { applications, backends: [] }))).toEqual([]);
  expect(warnings(metric('a', { applications }, { kind: 'Dataplane', name: 'nobody' }))).toEqual([]);
});
