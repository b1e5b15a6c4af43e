import type { Origin } from './origin.ts';
import type { ClientMatchIr } from './permission-ir.ts';

/** Faults of some clients' requests. Of several, the first that a client matches decides, alone. */
export interface ClientFaultsIr {
  readonly client: FaultClientIr;
  /** At most {@link mostFaultRounds}. */
  readonly rounds: readonly FaultRoundIr[];
  readonly origin: Origin;
}

/**
 * Faults in order: a percentage counts among the requests that the faults before it let pass. A round ends with a fault that
 * makes requests wait, as Envoy goes on behind all of the round then, and slows answers down once.
 */
export type FaultRoundIr = readonly FaultIr[];

/** As many filters for faults stand in every listener, so that none has to change for an experiment. */
export const mostFaultRounds = 3;

export type FaultClientIr =
  | { readonly kind: 'any' }
  | { readonly kind: 'certificate'; readonly match: ClientMatchIr }
  /** By what requests say of their sender, for lack of certificates: the whole value matches each of the regular expressions. */
  | { readonly kind: 'header'; readonly name: string; readonly patterns: readonly string[] };

/** What happens to a share of the requests: first they wait, then they are ended. Percentages are 0 to 100, each drawn on its own. */
export interface FaultIr {
  readonly abort?: { readonly status: number; readonly percentage: number };
  /** Milliseconds. */
  readonly delay?: { readonly time: number; readonly percentage: number };
  /** Of the answer's body. */
  readonly responseBandwidth?: { readonly kibibytesPerSecond: number; readonly percentage: number };
}
