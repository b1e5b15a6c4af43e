import type { AccessLogIr, InboundListenerIr, PermissionIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';

const client = (value: string) => ({ kind: 'spiffeId', match: 'exact', value: `spiffe://default/${value}` }) as const;
const origin = (name: string) => ({ kri: `kri_mtp_default_default__${name}_`, ruleIndex: 0 });

/** Every action, and two rules of one policy. */
const permission: PermissionIr = {
  rules: [
    { action: 'Allow', client: client('web'), origin: origin('allow') },
    { action: 'AllowWithShadowDeny', client: client('old'), origin: origin('shadow') },
    { action: 'Allow', client: client('admin'), origin: origin('allow') },
    { action: 'Deny', client: client('stranger'), origin: origin('deny') },
  ],
};
const withoutDenials: PermissionIr = { rules: permission.rules.slice(0, 3) };

const log: AccessLogIr = {
  kind: 'file',
  path: '/tmp/permission.log',
  format: { kind: 'plain', line: [{ kind: 'permission' }], omitEmpty: false },
};

const denyAll: PermissionIr = { rules: [{ action: 'Deny', client: { kind: 'any' }, origin: origin('deny') }] };

function connections(port: number, allowed: PermissionIr, mode: 'strict' | 'permissive' = 'strict'): InboundListenerIr {
  return {
    kind: 'inbound',
    name: `inbound:127.0.0.1:${port}`,
    address: { address: '127.0.0.1', port },
    tags: {},
    tls: {
      kind: mode,
      identitySecret: 'identity_cert:secret:default',
      caSecret: 'mesh_ca:secret:default',
      clientSanPrefix: 'spiffe://default/',
    },
    handler: {
      kind: 'tcp',
      statPrefix: 'localhost_6379',
      clusters: [{ cluster: 'localhost:6379', weight: 1 }],
      filters: [{ kind: 'permission', permission: allowed }],
      accessLogs: [log],
    },
  };
}

function routes(host: string, allowed: PermissionIr): ProxyIr['routes'][number] {
  return {
    name: `inbound:${host}`,
    host,
    direction: 'inbound',
    domains: ['*'],
    routes: [],
    stripRequestHeaders: [],
    setRequestHeaders: [],
    permission: allowed,
  };
}

export const ir: ProxyIr = {
  mesh: 'default',
  name: 'backend-1',
  // The second and third let nobody in.
  listeners: [connections(6379, permission), connections(6380, { rules: [] }), connections(6381, denyAll, 'permissive')],
  routes: [routes('denials', permission), routes('backend', withoutDenials)],
  clusters: [
    {
      name: 'localhost:6379',
      role: 'application',
      discovery: { kind: 'static', address: { address: '127.0.0.1', port: 6379 } },
      protocol: 'tcp',
      timeouts: {},
    },
  ],
  endpoints: [],
  secrets: [],
};
