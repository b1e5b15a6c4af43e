import type { Origin } from '@kuma-mesh/core-model/ir/index.ts';
import { messageFromBytes, messageToJson, schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { type EncodedResource, type Patched, typeUrls } from '../encoded.ts';
import { encodedResource, oncePerObject } from '../resource.ts';
import { type Change, messageOf, type Part } from './change.ts';
import { changedMessage, type ReadMessage, readMessage } from './changed-message.ts';
import { effectOfChange } from './effect-of-change.ts';
import type { JsonObject } from './json.ts';
import { patchOrigin } from './made-for.ts';
import { isOrAny } from './matches.ts';

export type PatchedType = typeof typeUrls.cluster | typeof typeUrls.listener | typeof typeUrls.route;

/** Which parts of a modification can concern which types of resources. */
export const concerned: Readonly<Record<PatchedType, readonly Part[]>> = {
  [typeUrls.cluster]: ['cluster'],
  [typeUrls.listener]: ['listener', 'networkFilter', 'httpFilter', 'virtualHost'],
  [typeUrls.route]: ['virtualHost'],
};

/**
 * A resource after all changes, in order. A change that cannot be applied is left out and reported. Made once for each list of
 * changes and resource.
 * @param madeFor in the words of `origin` in a patch; the same for the same resource
 * @returns undefined when it is removed; the same resource when nothing concerns it
 */
export function patchedResource(
  resource: EncodedResource,
  madeFor: string,
  changes: readonly Change[],
): EncodedResource | undefined {
  const of = patchedBy(changes);
  const known = of.get(resource) ?? { result: patched(resource, madeFor, changes) };
  of.set(resource, known);
  return known.result;
}

const patchedBy = oncePerObject(
  (_: readonly Change[]) => new WeakMap<EncodedResource, { readonly result: EncodedResource | undefined }>(),
);

function patched(resource: EncodedResource, madeFor: string, changes: readonly Change[]): EncodedResource | undefined {
  if (resource.unencodable !== undefined) return changes.some((change) => replaces(change, resource)) ? undefined : resource;
  const before = { resource, madeFor, read: () => asJson(resource) };
  return changed(before, changes, { without: resource, by: { changes, madeFor } });
}

/**
 * What is added at a place in the list of changes, and then changed by those behind it.
 * @throws Error when it is no message of the type
 */
export function addedResource(typeUrl: PatchedType, change: Change, later: readonly Change[]): EncodedResource | undefined {
  const message = addition(change);
  if (message instanceof Error) throw message;
  const resource = asResource(typeUrl, message, [change.origin], { unapplied: [] });
  return changed({ resource, madeFor: patchOrigin, read: () => message.json }, later, {});
}

/** What a change adds as a cluster or listener, or why it cannot be added. */
const addition = oncePerObject(({ part, value, unreadable, vain }: Change): ReadMessage | Error => {
  const hindrance = unreadable ?? vain;
  if (hindrance !== undefined) return new Error(hindrance);
  try {
    return readMessage(schemaOf(messageOf[part])!, value as JsonObject);
  } catch (error) {
    return error as Error;
  }
});

interface Before {
  readonly resource: EncodedResource;
  readonly madeFor: string;
  readonly read: () => JsonObject;
}

/** @param from what it was before, said where something changed it */
function changed(
  { resource, madeFor, read }: Before,
  changes: readonly Change[],
  from: Omit<Patched, 'unapplied'>,
): EncodedResource | undefined {
  if (changes.some((change) => replaces(change, resource))) return undefined;
  const { name } = resource;
  const typeUrl = resource.typeUrl as PatchedType;
  const candidates = changes.filter((change) => isCandidate(change, typeUrl, name, madeFor));
  const after = changedMessage({ name, schema: schemaOf(typeUrl)!, read }, candidates);
  if (after === undefined) return undefined;
  const { message, unapplied } = after;
  if (message === undefined) return unapplied.length === 0 ? resource : Object.freeze({ ...resource, patched: { unapplied } });
  const earlier = (resource.patched && resource.origins) ?? [];
  return asResource(typeUrl, message, [...earlier, ...after.origins], { unapplied, ...from });
}

/** Whether a change finds something in a resource: where it would patch, taking away has the same conditions. */
export function isAbout(change: Change, resource: EncodedResource, madeFor: string): boolean {
  const { typeUrl, name } = resource;
  if (!isCandidate(change, typeUrl as PatchedType, name, madeFor)) return false;
  const json = asJsonOnce(resource);
  const sought: Change = change.operation === 'Patch' ? { ...change, operation: 'Remove' } : change;
  return effectOfChange(schemaOf(typeUrl)!, json, sought) !== json;
}

function isCandidate(change: Change, typeUrl: PatchedType, name: string, madeFor: string): boolean {
  const { part, match } = change;
  return concerned[typeUrl].includes(part) && isOrAny(match.origin, madeFor) && isOrAny(nameAskedFor(change), name);
}

/** A resource as JSON. */
export const asJsonOnce = oncePerObject(asJson);

function asJson({ typeUrl, bytes }: EncodedResource): JsonObject {
  const schema = schemaOf(typeUrl)!;
  return messageToJson(schema, messageFromBytes(schema, bytes)) as JsonObject;
}

/** A cluster or listener that is added takes the place of the one that has its name, and one that cannot be added leaves it. */
function replaces(change: Change, { typeUrl, name }: Pick<EncodedResource, 'typeUrl' | 'name'>): boolean {
  const { operation, part, value } = change;
  if (operation !== 'Add' || part === 'virtualHost' || value?.name !== name) return false;
  return concerned[typeUrl as PatchedType].includes(part) && !(addition(change) instanceof Error);
}

function nameAskedFor({ part, match }: Change): string | undefined {
  if (part === 'cluster' || part === 'listener') return match.name;
  return part === 'virtualHost' ? undefined : match.listenerName;
}

function asResource(
  typeUrl: PatchedType,
  { json, bytes }: ReadMessage,
  origins: readonly Origin[],
  patched: Patched,
): EncodedResource {
  return Object.freeze({ ...encodedResource(typeUrl, String(json.name), bytes, origins), patched });
}
