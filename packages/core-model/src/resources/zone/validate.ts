import type { Zone } from '../../generated/types/kuma/zone.ts';
import { labelValueProblem } from '../names.ts';
import type { Problem, ResourceKey } from '../resource.ts';

/** The name of a zone becomes the value of a label of everything in it. */
export function validateZone(_spec: Zone, key: ResourceKey): Problem[] {
  const reason = labelValueProblem(key.name);
  return reason ? [{ field: 'name', reason }] : [];
}
