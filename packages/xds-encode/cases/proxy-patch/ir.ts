import type { PatchIr, ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { ir as inbound } from '../inbound-strict-http/ir.ts';
import { ir as outbound } from '../outbound-http/ir.ts';

const modifications: PatchIr['modification'][] = [
  // Clusters: a new one, one of ours changed in both ways, one removed.
  { cluster: { operation: 'Add', value: 'name: extra\nconnectTimeout: 5s\ntype: STATIC' } },
  {
    cluster: {
      operation: 'Patch',
      match: { name: 'extra' },
      value: JSON.stringify({
        load_assignment: {
          cluster_name: 'extra',
          endpoints: [
            { lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: 9000 } } } }] },
          ],
        },
      }),
    },
  },
  {
    cluster: {
      operation: 'Patch',
      match: { name: 'backend', origin: 'outbound' },
      jsonPatches: [
        {
          op: 'add',
          path: '/transportSocket/typedConfig/commonTlsContext/tlsParams/tlsMinimumProtocolVersion',
          value: 'TLSv1_3',
        },
        { op: 'replace', path: '/connectTimeout', value: '77s' },
        { op: 'replace', path: '/dnsRefreshRate', value: '9s' },
        { op: 'remove', path: '/circuitBreakers' },
        { op: 'remove', path: '/nothingHere' },
      ],
    },
  },
  { cluster: { operation: 'Remove', match: { name: 'nobody' } } },
  // Listeners.
  {
    listener: {
      operation: 'Patch',
      match: { origin: 'inbound', tags: { 'kuma.io/service': '*' } },
      value: 'continueOnListenerFiltersTimeout: true\nper_connection_buffer_limit_bytes: 0',
    },
  },
  {
    listener: {
      operation: 'Add',
      value: 'name: new\naddress: {socketAddress: {address: 127.0.0.1, portValue: 20099}}\nfilterChains: [{}]',
    },
  },
  {
    networkFilter: {
      operation: 'AddLast',
      match: { listenerName: 'new', origin: 'mesh-proxy-patch' },
      value:
        "name: envoy.filters.network.tcp_proxy\ntypedConfig:\n  '@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy\n  statPrefix: new\n  cluster: extra",
    },
  },
  // Network filters.
  {
    networkFilter: {
      operation: 'Patch',
      match: { name: 'envoy.filters.network.http_connection_manager', origin: 'outbound' },
      value:
        "name: envoy.filters.network.http_connection_manager\ntypedConfig:\n  '@type': type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n  commonHttpProtocolOptions: {maxStreamDuration: 9s}\n  upgradeConfigs: [{upgradeType: CONNECT}]\n  normalizePath: false",
    },
  },
  {
    networkFilter: {
      operation: 'Patch',
      match: { name: 'envoy.filters.network.http_connection_manager', origin: 'inbound' },
      jsonPatches: [{ op: 'replace', path: '/streamIdleTimeout', value: '15s' }],
    },
  },
  // HTTP filters, each beside another.
  httpFilter('AddFirst', {}, 'first'),
  httpFilter('AddBefore', { name: 'envoy.filters.http.router', origin: 'outbound' }, 'before'),
  httpFilter('AddAfter', { name: 'first', listenerTags: { 'kuma.io/service': 'backend' } }, 'after'),
  httpFilter('AddLast', { listenerName: 'nowhere' }, 'nobody'),
  {
    httpFilter: {
      operation: 'Patch',
      match: { name: 'envoy.filters.http.router' },
      value: JSON.stringify({
        name: 'envoy.filters.http.router',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
          dynamicStats: false,
          suppressEnvoyHeaders: true,
        },
      }),
    },
  },
  {
    httpFilter: {
      operation: 'Patch',
      match: { name: 'first' },
      jsonPatches: [{ op: 'add', path: '/defaultSourceCode/inlineString', value: 'function envoy_on_response(handle) end' }],
    },
  },
  { httpFilter: { operation: 'Remove', match: { name: 'envoy.filters.http.rbac' } } },
  // Virtual hosts, of routes that come apart from their listener.
  {
    virtualHost: {
      operation: 'Patch',
      match: { origin: 'outbound', routeConfigurationName: 'outbound:backend' },
      value: 'retryPolicy:\n  retryOn: 5xx\n  numRetries: 3',
    },
  },
  {
    virtualHost: {
      operation: 'Add',
      match: { origin: 'outbound' },
      value: 'name: other\ndomains: [other.example]\nroutes: [{match: {prefix: /}, route: {cluster: extra}}]',
    },
  },
  {
    virtualHost: {
      operation: 'Patch',
      match: { name: 'other' },
      jsonPatches: [
        { op: 'copy', from: '/domains/0', path: '/domains/-' },
        { op: 'replace', path: '/domains/-1', value: 'more.example' },
      ],
    },
  },
];

function httpFilter(
  operation: string,
  match: Record<string, string | Record<string, string>>,
  name: string,
): PatchIr['modification'] {
  const script = { inlineString: 'function envoy_on_request(handle) end' };
  const typedConfig = { '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua', defaultSourceCode: script };
  return { httpFilter: { operation, match, value: JSON.stringify({ name, typedConfig }) } };
}

export const ir: ProxyIr = {
  ...outbound,
  listeners: [...outbound.listeners, ...inbound.listeners],
  routes: [...outbound.routes, ...inbound.routes],
  clusters: [...outbound.clusters, ...inbound.clusters],
  patches: modifications.map((modification, index) => ({ origin: { kri: 'kri_mpp_default___example_' }, index, modification })),
};
