export { type DescribedKind, describeRules } from '../rules/describe-rules.ts';
export { Memo } from '../rules/memo.ts';
export { buildProxy } from './build-proxy.ts';
export { refreshEndpoints } from './endpoints.ts';
export type { AdminInput, ProxyInput } from './proxy-input.ts';
export { resolveRules } from './resolve-rules.ts';
