import type { NetworkFilterIr, TcpHandlerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { connectionLimitFilter } from './connection-limit.ts';
import { permissionFilters } from './permission.ts';
import { tcpProxy } from './tcp-proxy.ts';

/** The order that a connection meets filters in, stated here and nowhere else; each place with its reason. */
const order: readonly NetworkFilterIr['kind'][] = [
  // First, as Envoy counts a connection when it comes, before anything is known of its client.
  'connection-limit',
  // Then, before all that others need: who may not call must not use it up.
  'permission',
];

/** The filters of a listener's chain that carries bytes; the proxy ends it. */
export function networkFilters(listener: string, handler: TcpHandlerIr): Filter[] {
  const closed = handler.filters.find(letsNobodyIn);
  const end = closed ? tcpProxy({ ...handler, clusters: nowhere }, { turnedAwayBy: whoDeniesAll(closed) }) : tcpProxy(handler);
  return [...connectionFilters(listener, handler.filters), ...end];
}

/** A cluster that is not there: the proxy closes a connection as it comes, before it has shown a certificate, and logs it. */
const nowhere: TcpHandlerIr['clusters'] = [{ cluster: 'nobody-is-permitted', weight: 1 }];

/** The filters of any chain that see its connections first. */
export function connectionFilters(listener: string, filters: readonly NetworkFilterIr[]): Filter[] {
  const inOrder = filters.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return inOrder.flatMap((filter) => filtersOf(listener, filter));
}

/**
 * Envoy asks for permission once the client sends something; an application that speaks first would have spoken by then.
 * Where nobody is permitted it is not even called.
 */
function letsNobodyIn(filter: NetworkFilterIr): filter is PermissionFilterIr {
  return filter.kind === 'permission' && filter.permission.rules.every(({ action }) => action === 'Deny');
}

type PermissionFilterIr = Extract<NetworkFilterIr, { kind: 'permission' }>;

/** The policy that denies everybody; undefined where there is only none that permits anybody. */
function whoDeniesAll({ permission }: PermissionFilterIr): string | undefined {
  return permission.rules.find(({ client }) => client.kind === 'any')?.origin.kri;
}

function filtersOf(listener: string, filter: NetworkFilterIr): Filter[] {
  switch (filter.kind) {
    case 'permission':
      return permissionFilters(listener);
    case 'connection-limit':
      return [connectionLimitFilter(listener, filter.rate)];
  }
}
