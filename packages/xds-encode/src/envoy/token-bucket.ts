import type { RateIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { TokenBucket } from '@kuma-mesh/envoy-api/generated/envoy/type/v3/token_bucket.ts';
import { duration } from './values.ts';

/** Full at the start: so many may come together, and then so many in each interval. */
export function tokenBucket({ num, interval }: RateIr): TokenBucket {
  return { maxTokens: num, tokensPerFill: num, fillInterval: duration(interval) };
}
