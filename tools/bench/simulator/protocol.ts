import type { FleetOptions } from './fleet.ts';

/** What the bench asks of the process with the simulated sidecars. */
export type FleetRequest =
  | { readonly ask: 'start'; readonly options: FleetStart }
  | { readonly ask: 'watch'; readonly expectation: Expectation }
  | { readonly ask: 'seen' }
  | { readonly ask: 'cpu' }
  | { readonly ask: 'stop' };

export interface FleetStart extends Omit<FleetOptions, 'controlPlane' | 'tokenOf' | 'refuses' | 'onSeen' | 'onBack'> {
  readonly controlPlane: string;
  readonly token: string;
}

/** What this many sidecars must have before something counts as having arrived. */
export type Expectation = { readonly sidecars: number } & (
  | {
      readonly kind: 'news';
      /** New versions of resources of any of these types count, and only those of this name if there is one. */
      readonly typeUrls: readonly string[];
      readonly name?: string;
      readonly perSidecar: number;
    }
  | {
      readonly kind: 'holdings';
      /** Resources that a sidecar must hold, by type. */
      readonly atLeast: Readonly<Record<string, number>>;
    }
);

export type FleetAnswer = { readonly result: unknown } | { readonly problem: string };

/** Milliseconds of the machine's monotonic clock: the same in all processes. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
