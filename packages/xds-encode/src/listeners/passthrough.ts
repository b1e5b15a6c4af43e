import {
  type PassthroughChainIr,
  type PassthroughHostIr,
  type PassthroughIr,
  type PassthroughListenerIr,
  statName,
} from '@kuma-mesh/core-model/ir/index.ts';
import { TrafficDirection } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import type {
  Filter,
  FilterChain,
  FilterChainMatch,
  ListenerFilter,
  ListenerFilterChainMatchPredicate,
} from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import type { VirtualHost } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { accessLogs } from '../access-logs/access-log.ts';
import { inline, socketAddress } from '../envoy/values.ts';
import { routerFilter } from '../http-filters/router.ts';
import { closing } from '../network-filters/closing.ts';
import { httpConnectionManager } from '../network-filters/connection-manager.ts';
import { tcpProxy } from '../network-filters/tcp-proxy.ts';
import { httpInspector } from './http-inspector.ts';
import { originalDestination } from './original-destination.ts';
import { tlsInspector } from './tls-inspector.ts';

/** Connections that were redirected: those of other listeners are handed to them, the rest is decided here. */
export function passthroughListener({ name, address, passes, accessLogs = noLogs }: PassthroughListenerIr): Listener {
  return {
    name,
    address: socketAddress(address.address, address.port),
    trafficDirection: TrafficDirection.OUTBOUND,
    useOriginalDst: true,
    ...decision(name, passes, accessLogs),
  };
}

type Logs = NonNullable<PassthroughListenerIr['accessLogs']>;

const noLogs: Logs = { connections: [], requests: [] };

function decision(name: string, passes: PassthroughIr, logs: Logs): Pick<Listener, 'filterChains' | 'listenerFilters'> {
  switch (passes.kind) {
    case 'none':
      return { filterChains: [{ filters: [closing()] }] };
    case 'all':
      return { filterChains: [{ filters: bytes(name, passes.cluster, logs) }] };
    case 'matched':
      if (passes.chains.length === 0) return decision(name, { kind: 'none' }, logs);
      return {
        filterChains: passes.chains.map((chain) => filterChain(chain, logs)),
        listenerFilters: inspectors(passes),
        ...(passes.chains.some(({ carries }) => carries.kind === 'plain') && silenceIsBytes),
      };
  }
}

/** Who waits for the server to speak first, at a port where something is read, is heard when Envoy has waited long enough. */
const silenceIsBytes: Pick<Listener, 'continueOnListenerFiltersTimeout'> = { continueOnListenerFiltersTimeout: true };

function filterChain(chain: PassthroughChainIr, logs: Logs): FilterChain {
  const { name, carries } = chain;
  return {
    name,
    filterChainMatch: { ...place(chain), ...speech(chain) },
    filters: carries.kind === 'requests' ? [requests(name, carries.hosts, logs)] : bytes(name, carries.cluster, logs),
  };
}

function place({ port, range }: PassthroughChainIr): FilterChainMatch {
  return {
    ...(port !== undefined && { destinationPort: port }),
    ...(range && { prefixRanges: [{ addressPrefix: range.address, prefixLen: range.prefixLength }] }),
  };
}

function speech({ carries }: PassthroughChainIr): FilterChainMatch {
  switch (carries.kind) {
    case 'plain':
      return { transportProtocol: 'raw_buffer' };
    case 'tls':
      return { transportProtocol: 'tls', ...(carries.serverName !== undefined && { serverNames: [carries.serverName] }) };
    case 'requests':
      return { transportProtocol: 'raw_buffer', applicationProtocols: ['http/1.1', 'h2c'] };
  }
}

function bytes(name: string, cluster: string, { connections }: Logs): Filter[] {
  const clusters = [{ cluster, weight: 1 }];
  return tcpProxy({ kind: 'tcp', statPrefix: statName(name), clusters, filters: [], accessLogs: connections });
}

function requests(name: string, hosts: readonly PassthroughHostIr[], logs: Logs): Filter {
  const virtualHosts = hosts.map(virtualHost);
  const all = hosts.some(({ domain }) => domain === '*') ? virtualHosts : [...virtualHosts, otherHosts];
  return httpConnectionManager({
    statPrefix: statName(name),
    // A host means the same with and without the port that the connection goes to anyway.
    routeSpecifier: { $case: 'routeConfig', value: { name, virtualHosts: all, ignorePortInHostMatching: true } },
    httpFilters: [routerFilter()],
    accessLog: accessLogs(logs.requests, 'http'),
    upgradeConfigs: [{ upgradeType: 'websocket' }],
  });
}

function virtualHost({ domain, cluster }: PassthroughHostIr): VirtualHost {
  return {
    name: domain,
    domains: [domain],
    routes: [
      {
        match: { pathSpecifier: { $case: 'prefix', value: '/' } },
        action: {
          $case: 'route',
          // How long a request may take is between the service and the place that it calls.
          value: { clusterSpecifier: { $case: 'cluster', value: cluster }, timeout: { seconds: 0, nanos: 0 } },
        },
      },
    ],
  };
}

const otherHosts: VirtualHost = {
  name: 'no_match',
  domains: ['*'],
  routes: [
    {
      match: { pathSpecifier: { $case: 'prefix', value: '/' } },
      action: {
        $case: 'directResponse',
        value: { status: 503, body: inline('The sidecar lets no requests pass to this host: no MeshPassthrough names it.\n') },
      },
    },
  ],
};

/** What has to be read to choose a chain is read, except at ports where it would keep a server from speaking first. */
function inspectors({ chains, unreadPorts }: Extract<PassthroughIr, { kind: 'matched' }>): ListenerFilter[] {
  const read = chains.filter(({ carries }) => carries.kind !== 'plain');
  if (read.length === 0) return [];
  const ports = read.map(({ port }) => port);
  const filterDisabled = ports.includes(undefined) ? atPorts(unreadPorts) : otherThan(atPorts(ports as readonly number[]));
  const readsRequests = read.some(({ carries }) => carries.kind === 'requests');
  const reading = [tlsInspector(), ...(readsRequests ? [httpInspector()] : [])];
  // Envoy's own look at where a connection was going, which useOriginalDst stands for, comes last: too late for ports, and
  // never where a client is silent.
  return [originalDestination(), ...reading.map((filter) => (filterDisabled ? { ...filter, filterDisabled } : filter))];
}

type Predicate = ListenerFilterChainMatchPredicate;

function atPorts(ports: readonly number[]): Predicate | undefined {
  const rules = [...new Set(ports)].map(
    (port): Predicate => ({ rule: { $case: 'destinationPortRange', value: { start: port, end: port + 1 } } }),
  );
  return rules.length > 1 ? { rule: { $case: 'orMatch', value: { rules } } } : rules[0];
}

function otherThan(predicate: Predicate | undefined): Predicate | undefined {
  return predicate && { rule: { $case: 'notMatch', value: predicate } };
}
