import { describe, expect, test } from 'vitest';
import { dataplane, inbound, mesh, outbound, resource } from '../testing/resources.ts';
import { applyChanges, emptySnapshot, noEffectWarnings } from './index.ts';

const gateway = { gateway: { type: 'DELEGATED', tags: { 'kuma.io/service': 'edge' } }, outbound: [outbound('web', 90)] };
const resources = [
  mesh(),
  dataplane('web', { inbound: [inbound('web', 80)], outbound: [outbound('api', 90)], labels: { app: 'web' } }),
  dataplane('api', { inbound: [inbound('api', 81, { version: 'v1' })], outbound: [outbound('db', 90, { role: 'main' })] }),
  dataplane('db', { inbound: [inbound('db', 82, { role: 'main' })], labels: { app: 'db' } }),
  resource('Dataplane', 'edge', { networking: { address: '10.0.0.9', ...gateway } }),
];
const { snapshot } = applyChanges(
  emptySnapshot('default'),
  resources.map((after) => ({ after })),
);

/** Destinations that are said to be called by none of the proxies. */
function uncalled(targetRef: object, refs: readonly object[], type = 'MeshTimeout', of = snapshot): (string | undefined)[] {
  const to = refs.map((ref) => ({ targetRef: ref, default: { idleTimeout: '1s' }, rules: [{ default: {} }] }));
  const spec: object = { targetRef, to };
  return noEffectWarnings(of, { type, labels: {}, spec })
    .filter((text) => text.includes('which no proxy that the policy selects calls now'))
    .map((text) => /'(.*?)'/.exec(text)?.[1]);
}

const everyone = { kind: 'Mesh' };
const service = (name: string) => ({ kind: 'MeshService', name });
const first = ['spec.to[0].targetRef'];

describe('an item of a policy says that none of its proxies calls the service', () => {
  test.each<[string, object, object[], string[]]>([
    ['everyone, of whom one does', everyone, [service('api'), service('db'), service('web')], []],
    ['a service that does', service('web'), [service('api')], []],
    ['a service that calls another one', service('web'), [service('api'), service('db')], ['spec.to[1].targetRef']],
    ['a service that calls none', service('db'), [service('api')], first],
    ['a proxy by labels', { kind: 'Dataplane', labels: { app: 'web' } }, [service('db')], first],
    ['a proxy by name', { kind: 'Dataplane', name: 'web' }, [service('api'), service('web')], ['spec.to[1].targetRef']],
    ['gateways, of which one does', { kind: 'Mesh', proxyTypes: ['Gateway'] }, [service('web')], []],
    ['gateways', { kind: 'Mesh', proxyTypes: ['Gateway'] }, [service('api')], first],
    ['a service itself, which calls others', service('api'), [service('api')], first],
    ['a part of it', service('web'), [{ kind: 'MeshServiceSubset', name: 'db', tags: { role: 'main' } }], first],
    ['a part that it calls', service('api'), [{ kind: 'MeshServiceSubset', name: 'db', tags: { role: 'main' } }], []],
    ['all destinations', service('db'), [everyone], []],
    ['a service that is not there', service('db'), [service('gone')], []],
    ['nobody', service('gone'), [service('api')], []],
  ])('for %s', (_, targetRef, refs, expected) => {
    expect(uncalled(targetRef, refs)).toEqual(expected);
  });

  test('unless a route leads there from one that they call', () => {
    const rules = [{ matches: [], default: { backendRefs: [service('db')] } }];
    const route = resource('MeshHTTPRoute', 'r', { to: [{ targetRef: service('api'), rules }] });
    const routed = applyChanges(snapshot, [{ after: route }]).snapshot;
    expect(uncalled(service('web'), [service('db')], 'MeshTimeout', routed)).toEqual([]);
    expect(uncalled(service('db'), [service('db')], 'MeshTimeout', routed)).toEqual(first);
    // Where the one route leads, the other does not count.
    for (const type of ['MeshHTTPRoute', 'MeshTCPRoute'])
      expect(uncalled(service('web'), [service('db')], type, routed)).toEqual(first);
  });
});

test.each(['MeshHTTPRoute', 'MeshTCPRoute', 'MeshRetry', 'MeshHealthCheck', 'MeshAccessLog'])(
  'a %s says it like others, and no more once a proxy calls the service',
  (type) => {
    expect(uncalled(service('web'), [service('db')], type)).toEqual(first);
    const caller = dataplane('web', { inbound: [inbound('web', 80)], outbound: [outbound('db', 90)] });
    expect(uncalled(service('web'), [service('db')], type, applyChanges(snapshot, [{ after: caller }]).snapshot)).toEqual([]);
  },
);
