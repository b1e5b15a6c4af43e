import type { HttpFilterIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { HttpFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { faultFilters } from './fault.ts';
import { permissionFilters } from './permission.ts';
import { requestLimitFilter } from './request-limit.ts';
import { routerFilter } from './router.ts';

/** The order that a request meets filters in, stated here and nowhere else; each place with its reason. */
const order: readonly HttpFilterIr['kind'][] = [
  // First: who may not call must not use up limits, cause faults or cost the others anything.
  'permission',
  // A request that a fault ends never reaches what comes behind: it is neither counted nor limited.
  'fault',
  // Last, so that it counts what would reach the application.
  'request-limit',
];

/** What rules requests stands at the routes: the filters are the same in every listener that has them. */
const filtersOf: Readonly<Record<HttpFilterIr['kind'], readonly HttpFilter[]>> = {
  permission: permissionFilters(),
  fault: faultFilters(),
  'request-limit': [requestLimitFilter()],
};
const router = routerFilter();

const namesTogether = new Map(
  Object.values(filtersOf).map((filters) => {
    const names = filters.map(({ name = '' }) => name);
    return [names.find((name) => names.every((each) => each.startsWith(name))), new Set(names)] as const;
  }),
);

/** Names of the filters that do together what Envoy's users know as one of this name. */
export function namesKnownAs(name: string | undefined): ReadonlySet<string> | undefined {
  return namesTogether.get(name);
}

/** The filters of a connection manager; the router ends every chain. */
export function httpFilters(filters: readonly HttpFilterIr[]): HttpFilter[] {
  const inOrder = filters.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return [...inOrder.flatMap(({ kind }) => filtersOf[kind]), router];
}
