import { expect, test } from 'vitest';
import { parseResource } from '../parse.ts';
import { defaultPolicies } from './default-policies.ts';

test('a new mesh gets timeouts of sidecars and gateways, a circuit breaker and retries', () => {
  expect(defaultPolicies('m').map(({ type, mesh, name }) => [type, mesh, name])).toEqual([
    ['MeshTimeout', 'm', 'mesh-timeout-all-m'],
    ['MeshTimeout', 'm', 'mesh-gateways-timeout-all-m'],
    ['MeshCircuitBreaker', 'm', 'mesh-circuit-breaker-all-m'],
    ['MeshRetry', 'm', 'mesh-retry-all-m'],
  ]);
});

test('each is a valid resource', () => {
  for (const { type, mesh, name, spec } of defaultPolicies('m')) {
    expect(parseResource({ type, mesh, name, spec })).toMatchObject({ ok: true });
  }
});

test('those that the mesh skips are left out', () => {
  expect(defaultPolicies('m', ['*'])).toEqual([]);
  expect(defaultPolicies('m', ['MeshTimeout']).map(({ type }) => type)).toEqual(['MeshCircuitBreaker', 'MeshRetry']);
});
