export type * from './bootstrap/bootstrap-params.ts';
export { encodeBootstrap } from './bootstrap/encode-bootstrap.ts';
export * from './encode-proxy.ts';
export * from './encoded.ts';
export { renewalsOf, withRenewals } from './listeners/renewed.ts';
export { newInPatches } from './patches/new-in-patches.ts';
export { originsOfResource } from './resource-origins.ts';
export { resourceToJson } from './resource-to-json.ts';
export * from './secrets/secret.ts';
