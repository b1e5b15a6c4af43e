import type { RateIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { LocalRateLimit } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit.ts';
import { extension } from '../envoy/pack.ts';
import { tokenBucket } from '../envoy/token-bucket.ts';

/** Closes connections too many as they come. The chains of a listener count together, whether they carry TLS or not. */
export function connectionLimitFilter(listener: string, rate: RateIr): Filter {
  return extension('envoy.filters.network.local_ratelimit', LocalRateLimit, {
    statPrefix: 'tcp_rate_limit',
    tokenBucket: tokenBucket(rate),
    shareKey: listener,
  });
}
