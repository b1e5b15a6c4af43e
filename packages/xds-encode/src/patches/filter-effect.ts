import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { namesKnownAs } from '../http-filters/http-filters.ts';
import { addedValue } from './added-value.ts';
import { type Change, messageOf } from './change.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { applySteps } from './json-patch.ts';
import { isOrAny } from './matches.ts';
import { mergeMessage } from './merge.ts';

/**
 * A list of filters after a change.
 * @returns the same list where nothing in it is concerned
 */
export function changedFilters(filters: readonly JsonObject[], change: Change): readonly JsonObject[] {
  const first = filters.findIndex((filter) => isPartOfConcerned(filter, change));
  switch (change.operation) {
    case 'AddFirst':
      return [addedValue(change), ...filters];
    case 'Add':
    case 'AddLast':
      return [...filters, addedValue(change)];
    case 'AddBefore':
      return first < 0 ? filters : filters.toSpliced(first, 0, addedValue(change));
    case 'AddAfter':
      return first < 0 ? filters : filters.toSpliced(endOfConcerned(filters, change, first), 0, addedValue(change));
    case 'Remove':
      return first < 0 ? filters : filters.filter((filter) => !isPartOfConcerned(filter, change));
    case 'Patch':
      return first < 0 ? filters : filters.map((filter) => (isConcerned(filter, change) ? patched(filter, change) : filter));
  }
}

function isConcerned(filter: JsonObject, { match }: Change): boolean {
  return isOrAny(match.name, filter.name);
}

/** What stands before or after filters that do one thing together does so with all of them, and they go together. */
function isPartOfConcerned(filter: JsonObject, change: Change): boolean {
  return isConcerned(filter, change) || namesKnownAs(change.match.name)?.has(String(filter.name)) === true;
}

/** Of filters that have nothing to do with each other, such as all of them, the first one is meant. */
function endOfConcerned(filters: readonly JsonObject[], change: Change, first: number): number {
  const names = namesKnownAs(change.match.name);
  const last = names ? filters.findLastIndex(({ name }) => names.has(String(name))) : first;
  return last + 1;
}

/** Steps are about the filter's own configuration; a value has it inside `typedConfig`, as the filter has. */
function patched(filter: JsonObject, { part, value, steps }: Change): JsonObject {
  if (value === undefined) {
    if (!isObject(filter.typedConfig)) throw new Error(`the filter ${filter.name} has no configuration of its own to patch`);
    const { '@type': typeUrl, ...configuration } = filter.typedConfig;
    const configurationType = schemaOf(String(typeUrl))!;
    return { ...filter, typedConfig: { '@type': typeUrl!, ...applySteps(configurationType, configuration, steps) } };
  }
  const { name: _, typedConfig, ...others } = value as Record<string, Json>;
  const changed = mergeMessage(schemaOf(messageOf[part])!, filter, others);
  return isObject(typedConfig) ? { ...changed, ...configured(filter, typedConfig) } : changed;
}

/** A configuration of the same type is merged into; where the filter has none of its own, it gets this one. */
function configured(filter: JsonObject, part: JsonObject): JsonObject {
  const { typedConfig: before, configDiscovery: _, ...others } = filter;
  if (!isObject(before)) return { ...others, configDiscovery: null, typedConfig: part };
  if (!sameType(before['@type'], part['@type']))
    throw new Error(`the filter ${filter.name} is of type ${before['@type']}, the patch of type ${part['@type']}`);
  const { '@type': typeUrl, ...stated } = part;
  return { typedConfig: mergeMessage(schemaOf(String(typeUrl))!, before, stated) };
}

function sameType(a: Json | undefined, b: Json | undefined): boolean {
  const name = (url: Json | undefined) => String(url).slice(String(url).lastIndexOf('/') + 1);
  return name(a) === name(b);
}
