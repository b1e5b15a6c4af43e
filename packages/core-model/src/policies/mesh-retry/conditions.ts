import type { MeshRetry_Grpc_RetryOn, MeshRetry_Http } from '../../generated/types/kuma/mesh_retry.ts';
import type { RetryIr } from '../../ir/index.ts';

/*
 * When to try again, in Envoy's words, which have become everybody's:
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */

const httpWords: Readonly<Record<string, string>> = {
  '5XX': '5xx',
  '5xx': '5xx',
  GatewayError: 'gateway-error',
  Reset: 'reset',
  Retriable4xx: 'retriable-4xx',
  ConnectFailure: 'connect-failure',
  EnvoyRatelimited: 'envoy-ratelimited',
  RefusedStream: 'refused-stream',
  Http3PostConnectFailure: 'http3-post-connect-failure',
};

/** What Kuma retries on when a policy does not say. */
const httpDefault = ['gateway-error', 'connect-failure', 'refused-stream'];
const grpcDefault = [
  'cancelled',
  'connect-failure',
  'gateway-error',
  'refused-stream',
  'reset',
  'resource-exhausted',
  'unavailable',
];

const methodPrefix = 'HttpMethod';

/** `retryOn` mixes conditions, status codes and methods; a method limits the others. */
export function httpConditions(conf: MeshRetry_Http): Pick<RetryIr, 'on' | 'statusCodes' | 'methods'> {
  const retryOn = conf.retryOn ?? [];
  const statusCodes = retryOn.filter((condition) => /^\d{3}$/.test(condition)).map(Number);
  const methods = retryOn.filter((condition) => condition.startsWith(methodPrefix));
  const on = retryOn.flatMap((condition) => httpWords[condition] ?? []);
  if (statusCodes.length > 0) on.push('retriable-status-codes');
  const headers = conf.retriableResponseHeaders && conf.retriableResponseHeaders.length > 0 ? ['retriable-headers'] : [];
  return {
    on: [...(on.length > 0 ? on : httpDefault), ...headers],
    statusCodes,
    methods: methods.map((method) => method.slice(methodPrefix.length).toUpperCase()),
  };
}

const grpcWords: Readonly<Record<MeshRetry_Grpc_RetryOn, string>> = {
  Canceled: 'cancelled',
  DeadlineExceeded: 'deadline-exceeded',
  Internal: 'internal',
  ResourceExhausted: 'resource-exhausted',
  Unavailable: 'unavailable',
};

export function grpcConditions(retryOn: readonly MeshRetry_Grpc_RetryOn[]): readonly string[] {
  return retryOn.length > 0 ? retryOn.map((condition) => grpcWords[condition]) : grpcDefault;
}
