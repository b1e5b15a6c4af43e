import type { DescMessage } from '@bufbuild/protobuf';
import type { Origin } from '@kuma-mesh/core-model/ir/index.ts';
import { messageFromBytes, messageFromJson, messageToJson, schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { type EncodedResource, type Patched, typeUrls, type UnappliedPatch } from '../encoded.ts';
import { encodedResource, oncePerObject } from '../resource.ts';
import type { Change, Part } from './change.ts';
import { encodedMessage } from './encoded-message.ts';
import { halfMadeProblem } from './half-made.ts';
import type { JsonObject } from './json.ts';
import { withChangedFilters, withChangedHosts } from './listener-effect.ts';
import { patchOrigin } from './made-for.ts';
import { hasListenerTags, isOrAny } from './matches.ts';
import { effectOn } from './resource-effect.ts';
import { changedVirtualHosts } from './virtual-host-effect.ts';

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
  const schema = schemaOf(resource.typeUrl)!;
  let json: JsonObject | undefined;
  const read = () => {
    json ??= asJson(resource);
    return json;
  };
  const { name } = resource;
  return changed({ typeUrl: resource.typeUrl as PatchedType, name, madeFor, schema, read, without: resource }, changes, resource);
}

/**
 * What is added at a place in the list of changes, and then changed by those behind it.
 * @throws Error when it is no message of the type
 */
export function addedResource(typeUrl: PatchedType, change: Change, later: readonly Change[]): EncodedResource | undefined {
  const hindrance = change.unreadable ?? change.vain;
  if (hindrance !== undefined) throw new Error(hindrance);
  const schema = schemaOf(typeUrl)!;
  const value = normal(schema, change.value as JsonObject);
  const plain = asResource(typeUrl, schema, value, [change.origin], { unapplied: [] });
  const subject = { typeUrl, name: plain.name, madeFor: patchOrigin, schema, read: () => value };
  return changed(subject, later, plain);
}

interface Subject {
  readonly typeUrl: PatchedType;
  readonly name: string;
  readonly madeFor: string;
  readonly schema: DescMessage;
  readonly read: () => JsonObject;
  /** What it is without patches. */
  readonly without?: EncodedResource;
}

function changed(subject: Subject, changes: readonly Change[], before: EncodedResource): EncodedResource | undefined {
  try {
    return changedInOrder(subject, changes, before, () => {});
  } catch {
    // Looked at after each of them, the one at fault is left out.
    return changedInOrder(subject, changes, before, (json) => encodedMessage(subject.schema, json));
  }
}

/** @param check throws where a change led to what cannot be sent */
function changedInOrder(
  subject: Subject,
  changes: readonly Change[],
  before: EncodedResource,
  check: (json: JsonObject) => void,
): EncodedResource | undefined {
  const { typeUrl, schema, name, madeFor, without } = subject;
  const origins: Origin[] = [];
  const unapplied: UnappliedPatch[] = [];
  let json: JsonObject | undefined;
  for (const change of changes) {
    if (replaces(change, subject)) return undefined;
    if (!isCandidate(change, typeUrl, name, madeFor)) continue;
    try {
      if (change.unreadable !== undefined) throw new Error(change.unreadable);
      const current = json ?? subject.read();
      const next = effect(schema, current, change);
      if (next === undefined) return undefined;
      if (next === current) continue;
      if (change.vain !== undefined) throw new Error(change.vain);
      // Others refer to it by its name, and where Envoy refused the renamed one, the one that works would be gone.
      if (next.name !== name) throw new Error(`the name cannot be changed; it must stay ${name}`);
      // What is added is in order by itself, and nobody would wait for thousands of filters to be read over for each of them.
      const message = change.operation === 'Patch' ? normal(schema, next) : next;
      check(message);
      json = message;
      origins.push(change.origin);
    } catch (error) {
      unapplied.push(unappliedPatch(change, error));
    }
  }
  if (json === undefined) return unapplied.length === 0 ? before : Object.freeze({ ...before, patched: { unapplied } });
  const earlier = (before.patched && before.origins) ?? [];
  const changedFrom = without && { without, by: { changes, madeFor } };
  return asResource(typeUrl, schema, json, [...earlier, ...origins], { unapplied, ...changedFrom });
}

/**
 * Reads it again as the message that it must be, which also spells every field in one way.
 * @throws Error when it is none, or none that Envoy may see
 */
function normal(schema: DescMessage, json: JsonObject): JsonObject {
  const message = messageToJson(schema, messageFromJson(schema, json as never)) as JsonObject;
  const problem = schema.typeName === 'envoy.config.cluster.v3.Cluster' ? halfMadeProblem(message) : undefined;
  if (problem !== undefined) throw new Error(problem);
  return message;
}

export function unappliedPatch({ origin, index }: Change, error: unknown): UnappliedPatch {
  return { origin, index, reason: (error as Error).message };
}

/** Whether a change finds something in a resource: where it would patch, taking away has the same conditions. */
export function isAbout(change: Change, resource: EncodedResource, madeFor: string): boolean {
  const { typeUrl, name } = resource;
  if (!isCandidate(change, typeUrl as PatchedType, name, madeFor)) return false;
  const json = asJsonOnce(resource);
  return effect(schemaOf(typeUrl)!, json, change.operation === 'Patch' ? { ...change, operation: 'Remove' } : change) !== json;
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

/** A cluster or listener that is added takes the place of the one that has its name. */
function replaces({ operation, part, value }: Change, { typeUrl, name }: Pick<EncodedResource, 'typeUrl' | 'name'>): boolean {
  if (operation !== 'Add' || part === 'virtualHost' || value?.name !== name) return false;
  return concerned[typeUrl as PatchedType].includes(part);
}

function nameAskedFor({ part, match }: Change): string | undefined {
  if (part === 'cluster' || part === 'listener') return match.name;
  return part === 'virtualHost' ? undefined : match.listenerName;
}

function effect(schema: DescMessage, json: JsonObject, change: Change): JsonObject | undefined {
  const isListener = schema.typeName === 'envoy.config.listener.v3.Listener';
  switch (change.part) {
    case 'cluster':
    case 'listener':
      if (change.operation === 'Add' || !hasListenerTags(json, change.match.tags)) return json;
      return effectOn(schema, json, change);
    case 'networkFilter':
    case 'httpFilter':
      return withChangedFilters(json, change);
    case 'virtualHost':
      return isListener ? withChangedHosts(json, change) : changedVirtualHosts(json, change);
  }
}

function asResource(
  typeUrl: PatchedType,
  schema: DescMessage,
  json: JsonObject,
  origins: readonly Origin[],
  patched: Patched,
): EncodedResource {
  const bytes = encodedMessage(schema, json);
  return Object.freeze({ ...encodedResource(typeUrl, String(json.name), bytes, origins), patched });
}
