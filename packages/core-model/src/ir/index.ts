export type * from './cluster-ir.ts';
export type * from './endpoints-ir.ts';
export type * from './listener-ir.ts';
export type * from './origin.ts';
export type * from './permission-ir.ts';
export * from './protocol.ts';
export type * from './proxy-ir.ts';
export type * from './route-ir.ts';
export type * from './secret-ir.ts';
