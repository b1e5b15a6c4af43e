export { Memo } from '../memo/memo.ts';
export { httpMatches } from '../policies/mesh-http-route/http-matches.ts';
export { mergedRules } from '../policies/mesh-http-route/merged-rules.ts';
export { type DescribedKind, describeRules } from '../rules/describe-rules.ts';
export { buildProxy } from './build-proxy.ts';
export { refreshEndpoints } from './endpoints.ts';
export { metricsClients, metricsEndpoints, type PrometheusEndpoint } from './metrics-endpoints.ts';
export type { AdminInput, ProxyInput } from './proxy-input.ts';
export { resolveRules } from './resolve-rules.ts';
