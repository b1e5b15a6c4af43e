import type { NetworkFilterIr, TcpHandlerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { closing } from './closing.ts';
import { connectionLimitFilter } from './connection-limit.ts';
import { permissionFilter } from './permission.ts';
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
  const filters = connectionFilters(listener, handler.filters);
  return isClosed(handler) ? [...filters, closing()] : [...filters, ...tcpProxy(handler)];
}

/** Whether connections are closed as they come, so that no filter is left that would log them. */
export function isClosed({ filters }: TcpHandlerIr): boolean {
  return filters.some(letsNobodyIn);
}

/** The filters of any chain that see its connections first. */
export function connectionFilters(listener: string, filters: readonly NetworkFilterIr[]): Filter[] {
  const inOrder = filters.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return inOrder.map((filter) => networkFilter(listener, filter));
}

/**
 * Envoy asks for permission once the client sends something; an application that speaks first would have spoken by then.
 * Where nobody is permitted it is not even called.
 */
function letsNobodyIn(filter: NetworkFilterIr): boolean {
  return filter.kind === 'permission' && filter.permission.rules.every(({ action }) => action === 'Deny');
}

function networkFilter(listener: string, filter: NetworkFilterIr): Filter {
  switch (filter.kind) {
    case 'permission':
      return permissionFilter(listener);
    case 'connection-limit':
      return connectionLimitFilter(listener, filter.rate);
  }
}
