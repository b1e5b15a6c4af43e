import { messageFromJson, messageToJson, schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { oncePerObject } from '../resource.ts';
import { type Change, messageOf } from './change.ts';
import type { JsonObject } from './json.ts';

/**
 * What a change adds, with every field spelled in one way: read once, however many resources it is added to.
 * @throws Error when it is no message of its type
 */
export const addedValue = oncePerObject(({ part, value }: Change): JsonObject => {
  const schema = schemaOf(messageOf[part])!;
  return messageToJson(schema, messageFromJson(schema, value as never)) as JsonObject;
});
