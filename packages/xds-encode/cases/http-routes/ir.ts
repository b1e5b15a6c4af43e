import type {
  ForwardIr,
  HeaderChangesIr,
  ProxyIr,
  RouteActionIr,
  RouteIr,
  RouteMatchIr,
} from '@kuma-mesh/core-model/ir/index.ts';

const none: HeaderChangesIr = { set: [], add: [], remove: [] };
const forward: ForwardIr = { kind: 'forward', clusters: [{ cluster: 'backend', weight: 1 }], timeouts: {}, mirrors: [] };

/** Every kind of match, and every kind of action, under a prefix of its own. */
export const ir: ProxyIr = {
  mesh: 'default',
  name: 'web-1',
  listeners: [
    {
      kind: 'outbound',
      name: 'outbound:127.0.0.1:20080',
      address: { address: '127.0.0.1', port: 20080 },
      tags: {},
      handler: {
        kind: 'http',
        protocol: 'http',
        statPrefix: 'backend',
        routeConfig: 'outbound:backend',
        forwardClientCertificate: false,
        timeouts: {},
        filters: [],
      },
    },
  ],
  routes: [
    {
      name: 'outbound:backend',
      host: 'backend',
      direction: 'outbound',
      domains: ['backend.mesh', '*.backend.mesh'],
      routes: [
        route('exact', { path: { kind: 'exact', value: '/exact' }, method: 'GET' }, forward),
        route('regex', { path: { kind: 'regex', value: '/re/[0-9]+' } }, forward),
        route('prefix', { path: { kind: 'prefix', value: '/foo' } }, rewriting('prefix', '/bar')),
        route('prefix-away', { path: { kind: 'prefix', value: '/away.d/' } }, rewriting('prefix', '/')),
        route('full', { path: { kind: 'prefix', value: '/full' } }, rewriting('full', '/all\\1')),
        route(
          'matches',
          {
            path: { kind: 'prefix', value: '/matches' },
            headers: [
              { kind: 'exact', name: 'x-exact', value: 'a' },
              { kind: 'prefix', name: 'x-prefix', value: 'b' },
              { kind: 'regex', name: 'x-regex', value: 'c.*' },
              { kind: 'present', name: 'x-present' },
              { kind: 'absent', name: 'x-absent' },
            ],
            queryParams: [
              { name: 'exact', kind: 'exact', value: 'yes' },
              { name: 'regex', kind: 'regex', value: 'y.s' },
            ],
          },
          forward,
        ),
        {
          ...route('headers', { path: { kind: 'prefix', value: '/headers' } }, forward),
          requestHeaders: {
            set: [{ name: 'x-set', value: '100%' }],
            add: [
              { name: 'x-add', value: 'more' },
              { name: 'x-format', value: '%REQ(x-one?x-add):2% of 100%%', format: true },
            ],
            remove: ['x-remove'],
          },
          responseHeaders: { set: [{ name: 'x-by', value: 'mesh' }], add: [], remove: ['server'] },
        },
        route(
          'hosts',
          { path: { kind: 'prefix', value: '/host' } },
          { ...forward, timeouts: { request: 0, streamIdle: 0 }, rewrite: { host: 'other.example' } },
        ),
        route(
          'moved',
          { path: { kind: 'prefix', value: '/old' } },
          { kind: 'redirect', host: 'new.example', path: { kind: 'prefix', value: '/new' }, status: 301 },
        ),
        route(
          'moved-away',
          { path: { kind: 'prefix', value: '/gone' } },
          { kind: 'redirect', scheme: 'https', port: 8443, path: { kind: 'prefix', value: '/' }, status: 308 },
        ),
        route(
          'moved-entirely',
          { path: { kind: 'prefix', value: '/entirely' } },
          { kind: 'redirect', path: { kind: 'full', value: '/there' }, status: 303 },
        ),
        route(
          'nobody',
          { path: { kind: 'prefix', value: '/nobody' } },
          { ...forward, clusters: [{ cluster: 'backend', weight: 0 }] },
        ),
        route('rest', { path: { kind: 'prefix', value: '/' } }, rewriting('prefix', '/rest')),
      ],
      stripRequestHeaders: [],
      setRequestHeaders: [],
    },
  ],
  clusters: [
    {
      name: 'backend',
      role: 'destination',
      discovery: { kind: 'endpoints', name: 'backend' },
      protocol: 'http',
      timeouts: {},
    },
  ],
  endpoints: [{ name: 'backend', localities: [] }],
  secrets: [],
};

function route(name: string, match: Partial<RouteMatchIr> & Pick<RouteMatchIr, 'path'>, action: RouteActionIr): RouteIr {
  return {
    name,
    match: { headers: [], queryParams: [], ...match },
    action,
    requestHeaders: none,
    responseHeaders: none,
  };
}

function rewriting(kind: 'prefix' | 'full', value: string): RouteActionIr {
  return { ...forward, rewrite: { path: { kind, value } } };
}
