import type { JsonValue } from '../resources/scalars.ts';
import type { Origin } from './origin.ts';

/** A change of what Envoy is told, in Envoy's own words: nothing but the encoder understands it. */
export interface PatchIr {
  /** The policy that it stands in. */
  readonly origin: Origin;
  /** Its place in the policy's list. */
  readonly index: number;
  readonly modification: JsonValue;
}
