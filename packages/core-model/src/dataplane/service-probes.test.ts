import { expect, test } from 'vitest';
import type { Dataplane, Dataplane_Inbound } from '../generated/types/kuma/dataplane.ts';
import { deepFreeze } from '../resources/freeze.ts';
import { awaitingProbes, keepingProbedHealth, serviceProbesOf, withProbedHealth } from './service-probes.ts';

const dataplane = (...inbound: Dataplane_Inbound[]): Dataplane => deepFreeze({ networking: { address: '10.0.0.1', inbound } });
const probed = { tcp: {} };
const states = (spec: Dataplane) => spec.networking?.inbound?.map(({ state }) => state);

test('each application is probed once, as the first inbound says', () => {
  const spec = dataplane(
    {
      port: 80,
      servicePort: 8080,
      serviceProbe: { interval: '2s', timeout: '500ms', healthyThreshold: 2, unhealthyThreshold: 3 },
    },
    { port: 81, servicePort: 8080, serviceProbe: probed },
    { port: 82, serviceProbe: probed },
    { port: 83, serviceAddress: '::1', serviceProbe: { ...probed, healthyThreshold: 0 } },
    { port: 84 },
    { port: 85, state: 'Ignored', serviceProbe: probed },
  );
  expect(serviceProbesOf(spec)).toEqual([
    {
      name: 'localhost:8080',
      address: '127.0.0.1',
      port: 8080,
      interval: 2_000,
      timeout: 500,
      healthyThreshold: 2,
      unhealthyThreshold: 3,
    },
    { name: 'localhost:82', address: '127.0.0.1', port: 82 },
    { name: '[::1]:83', address: '::1', port: 83 },
  ]);
});

test('probes decide the states of the inbounds that ask for them', () => {
  const spec = dataplane(
    { port: 80, serviceProbe: probed },
    { port: 81, servicePort: 80, serviceProbe: probed },
    { port: 82, state: 'NotReady', serviceProbe: probed },
    { port: 83, state: 'NotReady' },
    { port: 84, serviceProbe: probed },
  );
  const health = new Map([
    ['localhost:80', false],
    ['localhost:82', true],
    ['localhost:83', true],
  ]);
  expect(states(withProbedHealth(spec, health))).toEqual(['NotReady', 'NotReady', 'Ready', 'NotReady', undefined]);
  expect(states(withProbedHealth(spec, health, [81, 82]))).toEqual(['NotReady', undefined, 'NotReady', 'NotReady', undefined]);
});

test('what the probes say already is no change', () => {
  const spec = dataplane({ port: 80, serviceProbe: probed }, { port: 81, state: 'NotReady', serviceProbe: probed });
  const health = new Map([
    ['localhost:80', true],
    ['localhost:81', false],
  ]);
  expect(withProbedHealth(spec, health)).toBe(spec);
});

test('the older field of health follows', () => {
  const spec = dataplane({ port: 80, serviceProbe: probed, health: { ready: false } });
  expect(withProbedHealth(spec, new Map([['localhost:80', true]])).networking?.inbound).toEqual([
    { port: 80, serviceProbe: probed, health: { ready: true }, state: 'Ready' },
  ]);
});

test('stating a Dataplane anew does not make a dead application healthy, but ends what was closed for another reason', () => {
  const stated = dataplane({ port: 80, serviceProbe: probed }, { port: 81, serviceProbe: probed }, { port: 82 });
  const before = dataplane(
    { port: 80, state: 'NotReady', serviceProbe: probed },
    { port: 81, state: 'NotReady', serviceProbe: probed },
    { port: 82, state: 'NotReady' },
  );
  expect(states(keepingProbedHealth(stated, before, [81]))).toEqual(['NotReady', undefined, undefined]);
});

test('what is to be probed is not ready before that, unless it is said to be', () => {
  const spec = dataplane(
    { port: 80, serviceProbe: probed },
    { port: 81, state: 'Ready', serviceProbe: probed },
    { port: 82 },
    { port: 83, state: 'Ignored', serviceProbe: probed },
    { port: 84, health: { ready: true }, serviceProbe: probed },
  );
  expect(states(awaitingProbes(spec))).toEqual(['NotReady', 'Ready', undefined, 'Ignored', undefined]);
});
