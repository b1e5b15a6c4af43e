import type { Change } from './change.ts';
import { changedFilters } from './filter-effect.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { hasListenerTags, isOrAny } from './matches.ts';
import { changedVirtualHosts } from './virtual-host-effect.ts';

const managerType = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** A listener after a change of its filters; the same listener where none of them is concerned. */
export function withChangedFilters(listener: JsonObject, change: Change): JsonObject {
  const { match } = change;
  if (!isOrAny(match.listenerName, listener.name) || !hasListenerTags(listener, match.listenerTags)) return listener;
  if (change.part === 'httpFilter') return withManagers(listener, (manager) => withChangedHttpFilters(manager, change));
  return withChains(listener, (filters) => changedFilters(filters, change));
}

/** A listener after a change of the virtual hosts that stand in it; routes that come apart from it are their own resources. */
export function withChangedHosts(listener: JsonObject, change: Change): JsonObject {
  return withManagers(listener, (manager) => {
    if (!isObject(manager.routeConfig)) return manager;
    const routeConfig = changedVirtualHosts(manager.routeConfig, change);
    return routeConfig === manager.routeConfig ? manager : { ...manager, routeConfig };
  });
}

function withChangedHttpFilters(manager: JsonObject, change: Change): JsonObject {
  const before = (manager.httpFilters ?? []) as readonly JsonObject[];
  const httpFilters = changedFilters(before, change);
  return httpFilters === before ? manager : { ...manager, httpFilters };
}

type Filters = readonly JsonObject[];

/** Every filter chain in turn. */
function withChains(listener: JsonObject, changed: (filters: Filters) => Filters): JsonObject {
  const before = (listener.filterChains ?? []) as readonly JsonObject[];
  const filterChains = before.map((chain) => {
    const filters = (chain.filters ?? []) as Filters;
    const after = changed(filters);
    return after === filters ? chain : { ...chain, filters: after };
  });
  return sameItems(before, filterChains) ? listener : { ...listener, filterChains };
}

/** Every connection manager in turn. */
function withManagers(listener: JsonObject, changed: (manager: JsonObject) => JsonObject): JsonObject {
  return withChains(listener, (filters) => {
    const after = filters.map((filter) => {
      if (!isObject(filter.typedConfig) || filter.typedConfig['@type'] !== managerType) return filter;
      const typedConfig = changed(filter.typedConfig);
      return typedConfig === filter.typedConfig ? filter : { ...filter, typedConfig };
    });
    return sameItems(filters, after) ? filters : after;
  });
}

function sameItems(a: readonly Json[], b: readonly Json[]): boolean {
  return a.every((item, index) => item === b[index]);
}
