import { expect, test } from 'vitest';
import type { Dataplane } from '../../generated/types/kuma/dataplane.ts';
import type { Resource } from '../../resources/resource.ts';
import { metricLabels } from './labels.ts';

const inbound = (service: string) => ({ port: 1, tags: { 'kuma.io/service': service } });

function labelsOf(networking: Dataplane['networking'], labels: Record<string, string> = {}): Readonly<Record<string, string>> {
  return metricLabels({ mesh: 'default', name: 'one', labels, spec: { networking } } as Resource<Dataplane>);
}

test('a proxy is known by the service of its first inbound, whatever the others are', () => {
  expect(labelsOf({ inbound: [inbound('web'), inbound('admin')] })).toEqual({
    dataplane: 'one',
    'kuma.proxy_role': 'sidecar',
    kuma_io_service: 'admin',
    kuma_io_services: ',admin,web,',
    mesh: 'default',
    service: 'web',
  });
});

test('a proxy with a workload is known by that instead', () => {
  const labels = labelsOf({ inbound: [inbound('web')] }, { 'kuma.io/workload': 'shop' });
  expect(labels).toMatchObject({ 'kuma.workload': 'shop' });
  expect(labels).not.toHaveProperty('service');
});

test('names that tags give are names to Prometheus, and stand in the place of none of the others', () => {
  const tags = { 'kuma.io/service': 'web', '5g': 'yes', 'kuma.proxy_role': 'mine', 'kuma.workload': 'mine', mesh: 'mine' };
  const labels = labelsOf({ inbound: [{ port: 1, tags }] }, { 'kuma.io/workload': 'shop' });
  expect(labels).toMatchObject({ _5g: 'yes', 'kuma.proxy_role': 'sidecar', 'kuma.workload': 'shop', mesh: 'default' });
  for (const name of ['5g', 'kuma_proxy_role', 'kuma_workload']) expect(labels).not.toHaveProperty([name]);
});

test('a gateway says that it is one', () => {
  const labels = labelsOf({ gateway: { type: 'DELEGATED', tags: { 'kuma.io/service': 'entrance' } } });
  expect(labels).toMatchObject({ 'kuma.proxy_role': 'gateway', service: 'entrance' });
});
