import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

const mesh = { kind: 'Mesh' };
const route = { kind: 'MeshHTTPRoute', name: 'r' };

function fields(spec: object): string[] {
  const parsed = parseResource({ type: 'MeshTimeout', mesh: 'default', name: 't', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

test.each<[string, object, string[]]>([
  ['one timeout', { to: [{ targetRef: mesh, default: { http: { requestTimeout: '0s' } } }] }, []],
  [
    'timeouts of requests on a route',
    { to: [{ targetRef: route, default: { http: { requestTimeout: '1s', streamIdleTimeout: '1s' } } }] },
    [],
  ],
  ['no default', { to: [{ targetRef: mesh }] }, ['spec.to[0].default']],
  ['an empty default', { from: [{ targetRef: mesh, default: {} }] }, ['spec.from[0].default']],
  ['an empty http', { rules: [{ default: { http: {} } }] }, ['spec.rules[0].default.http']],
  [
    'no time to connect',
    { to: [{ targetRef: mesh, default: { connectionTimeout: '0s' } }] },
    ['spec.to[0].default.connectionTimeout'],
  ],
  [
    'timeouts of connections on a route',
    { to: [{ targetRef: route, default: { idleTimeout: '1s', http: { maxConnectionDuration: '1s', requestTimeout: '1s' } } }] },
    ['spec.to[0].default.idleTimeout', 'spec.to[0].default.http.maxConnectionDuration'],
  ],
  [
    'the same by the top-level reference',
    { targetRef: route, to: [{ targetRef: mesh, default: { connectionTimeout: '1s' } }] },
    ['spec.to[0].default.connectionTimeout'],
  ],
])('with %s', (_, spec, at) => {
  expect(fields(spec)).toEqual(at);
});
