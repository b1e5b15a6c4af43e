import type { DescMessage } from '@bufbuild/protobuf';
import type { Change } from './change.ts';
import type { JsonObject } from './json.ts';
import { applySteps } from './json-patch.ts';
import { mergeMessage } from './merge.ts';

/** What becomes of a message that a change is about; undefined where it is gone. */
export function effectOn(schema: DescMessage, message: JsonObject, change: Change): JsonObject | undefined {
  if (change.operation === 'Remove') return undefined;
  if (change.value !== undefined) return mergeMessage(schema, message, change.value);
  return applySteps(schema, message, change.steps);
}
