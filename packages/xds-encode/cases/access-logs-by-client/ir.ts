import type { AccessLogIr, ProxyIr, SpiffeIdIr } from '@kuma-mesh/core-model/ir/index.ts';

const exact = (value: string): SpiffeIdIr => ({ kind: 'spiffeId', match: 'exact', value });
const prefix = (value: string): SpiffeIdIr => ({ kind: 'spiffeId', match: 'prefix', value });
const web = exact('spiffe://default/web');
const jobs = prefix('spiffe://default/job-');

const log = {
  kind: 'file',
  path: '/tmp/access.log',
  format: { kind: 'plain', line: [{ kind: 'client-service' }], omitEmpty: false },
} as const;

const onlyWeb: AccessLogIr['clients'] = { kind: 'only', ranges: [{ match: web, except: [] }] };
const exceptions = [exact('spiffe://default/job-a'), exact('spiffe://default/job-b'), prefix('spiffe://default/job-c')];

const logs: readonly AccessLogIr[] = [
  { ...log, clients: onlyWeb },
  {
    ...log,
    clients: {
      kind: 'only',
      ranges: [
        { match: exact('spiffe://default/api'), except: [] },
        { match: exact('spiffe://default/ui'), except: [] },
        { match: jobs, except: exceptions },
      ],
    },
  },
  { ...log, clients: { kind: 'except', matches: [web, jobs] } },
  { ...log, clients: onlyWeb, routes: { kind: 'only', names: ['kri_mhttpr_default_default__api_'] } },
  // Text that must not end the string that it stands in.
  { ...log, clients: { kind: 'except', matches: [prefix('spiffe://default/"\\\n\u2028\ud800\' || true')] } },
];

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'backend-1',
  listeners: [
    {
      kind: 'inbound',
      name: 'inbound:127.0.0.1:8080',
      address: { address: '127.0.0.1', port: 8080 },
      tags: {},
      tls: { kind: 'none' },
      handler: {
        kind: 'http',
        protocol: 'http',
        statPrefix: 'localhost_18080',
        routeConfig: 'inbound:backend',
        forwardClientCertificate: false,
        timeouts: {},
        filters: [],
        accessLogs: logs,
      },
    },
    {
      kind: 'inbound',
      name: 'inbound:127.0.0.1:5432',
      address: { address: '127.0.0.1', port: 5432 },
      tags: {},
      tls: { kind: 'none' },
      handler: { kind: 'tcp', statPrefix: 'localhost_15432', clusters: [], filters: [], accessLogs: logs.slice(0, 3) },
    },
  ],
  routes: [
    {
      name: 'inbound:backend',
      host: 'backend',
      direction: 'inbound',
      domains: ['*'],
      routes: [],
      stripRequestHeaders: [],
      setRequestHeaders: [],
    },
  ],
  clusters: [],
  endpoints: [],
  secrets: [],
};
