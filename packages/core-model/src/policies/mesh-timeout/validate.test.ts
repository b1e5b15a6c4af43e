import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

const mesh = { kind: 'Mesh' };
const web = { spiffeID: { type: 'Exact', value: 'spiffe://default/web' } };
const jobs = { spiffeID: { type: 'Prefix', value: 'spiffe://default/job-' } };
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
    'timeouts of connections on a route, which have no effect',
    { to: [{ targetRef: route, default: { idleTimeout: '1s', http: { maxConnectionDuration: '1s', requestTimeout: '1s' } } }] },
    [],
  ],
  [
    'timeouts of connections on a route of the top-level reference',
    {
      targetRef: route,
      to: [
        {
          targetRef: mesh,
          default: {
            connectionTimeout: '1s',
            idleTimeout: '1s',
            http: { maxStreamDuration: '1s', maxConnectionDuration: '1s', requestHeadersTimeout: '1s', requestTimeout: '1s' },
          },
        },
      ],
    },
    [
      'spec.to[0].default.connectionTimeout',
      'spec.to[0].default.idleTimeout',
      'spec.to[0].default.http.maxStreamDuration',
      'spec.to[0].default.http.maxConnectionDuration',
    ],
  ],
  [
    'timeouts of the requests of some clients',
    { rules: [{ matches: [web, jobs], default: { http: { requestTimeout: '1s', streamIdleTimeout: '1s' } } }] },
    [],
  ],
  ['no conditions, for all clients', { rules: [{ matches: [], default: { idleTimeout: '1s' } }] }, []],
  [
    'timeouts of connections for some clients',
    {
      rules: [
        {
          matches: [web],
          default: {
            connectionTimeout: '1s',
            idleTimeout: '1s',
            http: { requestHeadersTimeout: '1s', maxStreamDuration: '1s', maxConnectionDuration: '1s' },
          },
        },
      ],
    },
    [
      'spec.rules[0].default.connectionTimeout',
      'spec.rules[0].default.idleTimeout',
      'spec.rules[0].default.http.maxStreamDuration',
      'spec.rules[0].default.http.maxConnectionDuration',
      'spec.rules[0].default.http.requestHeadersTimeout',
    ],
  ],
  [
    'conditions that no certificate meets, and nothing said',
    { rules: [{ matches: [{}, { spiffeID: { type: 'Exact', value: 'web' } }, { sni: { type: 'Exact', value: 'x' } }] }] },
    ['spec.rules[0].default', 'spec.rules[0].matches[0].spiffeID', 'spec.rules[0].matches[1].spiffeID.value'],
  ],
])('with %s', (_, spec, at) => {
  expect(fields(spec)).toEqual(at);
});
