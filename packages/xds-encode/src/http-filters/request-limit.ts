import type { RequestLimitIr, RouteIr } from '@kuma-mesh/core-model/ir/index.ts';
import { FilterConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { LocalRateLimit } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit.ts';
import type { HttpFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { HttpStatus } from '@kuma-mesh/envoy-api/generated/envoy/type/v3/http_status.ts';
import type { Any } from '@kuma-mesh/envoy-api/generated/google/protobuf/any.ts';
import { extension, pack } from '../envoy/pack.ts';
import { tokenBucket } from '../envoy/token-bucket.ts';
import { fraction } from '../envoy/values.ts';
import { headersToAdd } from '../routes/headers.ts';

const name = 'envoy.filters.http.local_ratelimit';
const statPrefix = 'rate_limit';

/** Off, until the routes say how many requests may pass. */
export function requestLimitFilter(): HttpFilter {
  return { ...extension(name, LocalRateLimit, { statPrefix }), disabled: true };
}

/** The limit of a route configuration, as its `typed_per_filter_config`: all its routes count together. */
export function requestLimitOfRoutes({ rate, status, responseHeaders }: RequestLimitIr): Record<string, Any> {
  const always = { defaultValue: fraction(100) };
  const config: LocalRateLimit = {
    statPrefix,
    status: { code: status as NonNullable<HttpStatus['code']> },
    tokenBucket: tokenBucket(rate),
    filterEnabled: always,
    filterEnforced: always,
    responseHeadersToAdd: headersToAdd({ ...responseHeaders, remove: [] }),
  };
  return { [name]: pack(LocalRateLimit, config) };
}

/** What holds for one route in place of that. */
export function requestLimitOfRoute(own: NonNullable<RouteIr['requestLimit']>): Record<string, Any> {
  return own.kind === 'limit' ? requestLimitOfRoutes(own.limit) : { [name]: pack(FilterConfig, { disabled: true }) };
}
