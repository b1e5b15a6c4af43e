export * from './discovery.ts';
export * from './health-discovery.ts';
export * from './json.ts';
