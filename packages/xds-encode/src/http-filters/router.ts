import { Router } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/http/router/v3/router.ts';
import type { HttpFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { extension } from '../envoy/pack.ts';

/** Sends the request on. */
export function routerFilter(): HttpFilter {
  return extension('envoy.filters.http.router', Router, {});
}
