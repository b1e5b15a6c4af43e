export * from './encode-proxy.ts';
export * from './encoded.ts';
export * from './resource-to-json.ts';
export * from './secrets/secret.ts';
