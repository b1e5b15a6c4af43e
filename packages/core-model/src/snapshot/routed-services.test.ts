import { expect, test } from 'vitest';
import { dataplane, inbound, mesh, outbound, resource } from '../testing/resources.ts';
import { applyChanges, emptySnapshot, noEffectWarnings } from './index.ts';

const service = (name: string) => ({ kind: 'MeshService', name });
const part = { kind: 'MeshServiceSubset', name: 'next', tags: { version: 'v1' } };
const tcp = { 'kuma.io/protocol': 'tcp' };

const { snapshot } = applyChanges(
  emptySnapshot('default'),
  [
    mesh(),
    dataplane('web', { inbound: [inbound('web', 80)], outbound: [outbound('api', 90), outbound('db', 91)] }),
    dataplane('cli', { inbound: [inbound('cli', 80)], outbound: [outbound('next', 90)] }),
    ...['api', 'next'].map((name) => dataplane(name, { inbound: [inbound(name, 80, { version: 'v1' })] })),
    ...['db', 'new-db'].map((name) => dataplane(name, { inbound: [inbound(name, 80, tcp)] })),
    resource('MeshHTTPRoute', 'r', {
      to: [{ targetRef: service('api'), rules: [{ matches: [], default: { backendRefs: [service('next'), part] } }] }],
    }),
    resource('MeshTCPRoute', 't', {
      to: [{ targetRef: service('db'), rules: [{ default: { backendRefs: [service('new-db')] } }] }],
    }),
  ].map((after) => ({ after })),
);

const hashPolicies = [{ type: 'Connection' }];
const next = service('next');

test.each<[string, string, object, string, object, string[]]>([
  ['web', 'MeshLoadBalancingStrategy', next, 'what is hashed', { hashPolicies }, ['hashPolicies']],
  ['web', 'MeshLoadBalancingStrategy', part, 'what is hashed', { hashPolicies }, ['hashPolicies']],
  ['web', 'MeshLoadBalancingStrategy', next, 'the algorithm', { loadBalancer: { type: 'RingHash' } }, []],
  ['web', 'MeshLoadBalancingStrategy', service('api'), 'what is hashed', { hashPolicies }, []],
  ['web', 'MeshLoadBalancingStrategy', service('new-db'), 'what is hashed', { hashPolicies }, ['hashPolicies']],
  ['web', 'MeshTimeout', next, 'timeouts', { connectionTimeout: '1s', http: { requestTimeout: '1s' } }, ['http.requestTimeout']],
  ['web', 'MeshTimeout', service('new-db'), 'timeouts', { connectionTimeout: '1s', idleTimeout: '1s' }, ['idleTimeout']],
  ['web', 'MeshRetry', next, 'retries', { http: { numRetries: 1 } }, ['http']],
  ['web', 'MeshAccessLog', next, 'logs', { backends: [] }, ['backends']],
  ['cli', 'MeshLoadBalancingStrategy', next, 'what is hashed', { hashPolicies }, []],
  ['db', 'MeshLoadBalancingStrategy', next, 'what is hashed', { hashPolicies }, []],
])('for %s, a %s for %j says of %s what counts for calls of others alone', (caller, type, targetRef, _, conf, expected) => {
  const idle = (selected: object) =>
    noEffectWarnings(snapshot, { type, labels: {}, spec: { targetRef: selected, to: [{ targetRef, default: conf }] } as object })
      .filter((text) => text.includes('only routes of other services lead to'))
      .map((text) => /'spec\.to\[0\]\.default\.(.*?)'/.exec(text)?.[1]);
  expect(idle(service(caller))).toEqual(expected);
  // `cli` calls it itself.
  if (targetRef === next || targetRef === part) expect(idle({ kind: 'Mesh' })).toEqual([]);
});
