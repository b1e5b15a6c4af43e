import type { NetworkFilterIr, TcpHandlerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { closing } from './closing.ts';
import { permissionFilter } from './permission.ts';
import { tcpProxy } from './tcp-proxy.ts';

/** The order that a connection meets filters in, stated here and nowhere else; each place with its reason. */
const order: readonly NetworkFilterIr['kind'][] = [
  // First: who may not call must not use up anything that others need.
  'permission',
];

/** The filters of a listener's chain that carries bytes; the proxy ends it. */
export function networkFilters(listener: string, handler: TcpHandlerIr): Filter[] {
  const inOrder = handler.filters.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  const filters = inOrder.map((filter) => networkFilter(listener, filter));
  return handler.filters.some(letsNobodyIn) ? [...filters, closing()] : [...filters, ...tcpProxy(handler)];
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
  }
}
