import { expect, test } from 'vitest';
import { parseResource } from './parse.ts';

const conf = { default: { idleTimeout: '5s' } };
const mesh = { kind: 'Mesh' };
const to = [{ targetRef: mesh, ...conf }];
const from = [{ targetRef: mesh, ...conf }];
const rules = [conf];

function fields(spec: unknown): string[] {
  const parsed = parseResource({ type: 'MeshTimeout', mesh: 'default', name: 't', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

test.each<[string, object]>([
  ['no targetRef', { to }],
  ['the mesh, and its sidecars only', { targetRef: { kind: 'Mesh', proxyTypes: ['Sidecar'] }, to, from }],
  ['a subset by tags', { targetRef: { kind: 'MeshSubset', tags: { a: 'b' }, proxyTypes: ['Gateway'] }, to }],
  ['a service by name', { targetRef: { kind: 'MeshService', name: 'web' }, to }],
  ['a subset of a service', { targetRef: { kind: 'MeshServiceSubset', name: 'web', tags: { v: '1' } }, to }],
  ['an inbound of proxies', { targetRef: { kind: 'Dataplane', labels: { a: 'b' }, sectionName: 'http' }, rules }],
  [
    'a destination by labels and port',
    { to: [{ targetRef: { kind: 'MeshService', labels: { a: 'b' }, sectionName: '80' }, ...conf }] },
  ],
  ['any value of a tag', { targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': '*', 'a:B': 'v_1/x' } }, to }],
])('accepts %s', (_, spec) => {
  expect(fields(spec)).toEqual([]);
});

test.each<[string, object, string[]]>([
  ['nothing to do', {}, ['spec']],
  ['empty lists only', { to: [], from: [] }, ['spec']],
  ['both from and rules', { from, rules }, ['spec.rules']],
  ['both to and rules', { to, rules }, ['spec.rules']],
  ['all three', { to, from, rules }, ['spec.rules']],
  [
    'a kind that the policy does not select by',
    { targetRef: { kind: 'MeshExternalService', name: 'x' }, to },
    ['spec.targetRef.kind'],
  ],
  [
    'a destination of a kind that is none',
    { to: [{ targetRef: { kind: 'MeshSubset' }, ...conf }] },
    ['spec.to[0].targetRef.kind'],
  ],
  [
    'a client kind that is not allowed',
    { from: [{ targetRef: { kind: 'MeshService', name: 'x' }, ...conf }] },
    ['spec.from[0].targetRef.kind'],
  ],
  [
    'tags that no proxy can have, beside a kind that is not allowed',
    { to: [{ targetRef: { kind: 'MeshSubset', tags: { 'a b': 'c' } }, ...conf }] },
    ['spec.to[0].targetRef.kind', 'spec.to[0].targetRef.tags["a b"]'],
  ],
  [
    'tags that no proxy can have, beside a kind that there is not',
    { targetRef: { kind: 'Subset', tags: { 'a b': 'c' } }, to },
    ['spec.targetRef.kind', 'spec.targetRef.tags["a b"]'],
  ],
  ['a name of the mesh', { targetRef: { kind: 'Mesh', name: 'x' }, to }, ['spec.targetRef.name']],
  ['tags of a service', { targetRef: { kind: 'MeshService', name: 'x', tags: { a: 'b' } }, to }, ['spec.targetRef.tags']],
  ['name and labels', { targetRef: { kind: 'Dataplane', name: 'x', labels: { a: 'b' } }, to }, ['spec.targetRef.labels']],
  ['no name', { targetRef: { kind: 'MeshServiceSubset', tags: { a: 'b' } }, to }, ['spec.targetRef.name']],
  ['a name that no service can have', { targetRef: { kind: 'MeshService', name: 'A b' }, to }, ['spec.targetRef.name']],
  [
    'tags that no proxy can have',
    { targetRef: { kind: 'MeshSubset', tags: { 'a b': 'c d', e: '' } }, to },
    ['spec.targetRef.tags["a b"]', 'spec.targetRef.tags["a b"]', 'spec.targetRef.tags["e"]'],
  ],
  [
    'a section of an external service',
    { to: [{ targetRef: { kind: 'MeshExternalService', name: 'x', sectionName: '443' }, ...conf }] },
    ['spec.to[0].targetRef.sectionName'],
  ],
  ['no types of proxies', { targetRef: { kind: 'Mesh', proxyTypes: [] }, to }, ['spec.targetRef.proxyTypes']],
  [
    'types of destinations',
    { to: [{ targetRef: { kind: 'Mesh', proxyTypes: ['Sidecar'] }, ...conf }] },
    ['spec.to[0].targetRef.proxyTypes'],
  ],
  [
    'an inbound for outgoing traffic',
    { targetRef: { kind: 'Dataplane', sectionName: 'http' }, to },
    ['spec.targetRef.sectionName'],
  ],
  ['a built-in gateway', { targetRef: { kind: 'MeshGateway', name: 'edge' }, to }, ['spec.targetRef.kind']],
  [
    'the reserved mesh',
    { to: [{ targetRef: { kind: 'MeshService', name: 'x', mesh: 'other' }, ...conf }] },
    ['spec.to[0].targetRef.mesh'],
  ],
])('refuses %s', (_, spec, at) => {
  expect(fields(spec)).toEqual(at);
});

test.each([
  ['MeshHTTPRoute', []],
  ['MeshTCPRoute', []],
  ['MeshHealthCheck', []],
  ['MeshLoadBalancingStrategy', []],
  ['MeshRetry', ['spec.to']],
])('a %s without an item', (type, at) => {
  const parsed = parseResource({ type, mesh: 'default', name: 't', spec: { targetRef: mesh } });
  expect(parsed.ok ? [] : parsed.problems.map(({ field }) => field)).toEqual(at);
});

test.each([
  ['MeshPassthrough', { passthroughMode: 'None' }],
  ['MeshTrace', { backends: [] }],
])('a %s, which is for the whole proxy, takes no inbound', (type, conf) => {
  const targetRef = { kind: 'Dataplane', labels: { app: 'web' }, sectionName: 'http' };
  const parsed = parseResource({ type, mesh: 'default', name: 't', spec: { targetRef, default: conf } });
  expect(parsed.ok ? [] : parsed.problems.map(({ field }) => field)).toEqual(['spec.targetRef.sectionName']);
});

const breaker = { default: { connectionLimits: { maxConnections: 1 } } };

test.each([
  ['to', [{ targetRef: { kind: 'MeshService', name: 'backend' }, ...breaker }]],
  ['from', [{ targetRef: mesh, ...breaker }]],
  ['rules', [breaker]],
])('a route that a policy cannot be for is told once, beside sound %s', (part, items) => {
  const spec = { targetRef: { kind: 'MeshHTTPRoute', name: 'orders' }, [part]: items };
  const parsed = parseResource({ type: 'MeshCircuitBreaker', mesh: 'default', name: 't', spec });
  expect(parsed.ok ? [] : parsed.problems.map(({ field }) => field)).toEqual(['spec.targetRef.kind']);
});
