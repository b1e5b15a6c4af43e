import type { HeaderIr } from './route-ir.ts';

/** So many in an interval; after it, as many again. */
export interface RateIr {
  readonly num: number;
  /** Milliseconds. */
  readonly interval: number;
}

/** How many requests a proxy lets through, and what the others get. */
export interface RequestLimitIr {
  readonly rate: RateIr;
  readonly status: number;
  readonly responseHeaders: { readonly set: readonly HeaderIr[]; readonly add: readonly HeaderIr[] };
}
