import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { denialsName, permissionName } from '../http-filters/permission.ts';
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
  const at = filters.findIndex((filter) => isConcerned(filter, change));
  switch (change.operation) {
    case 'AddFirst':
      return [addedValue(change), ...filters];
    case 'Add':
    case 'AddLast':
      return [...filters, addedValue(change)];
    case 'AddBefore':
      return at < 0 ? filters : filters.toSpliced(begin(filters, change), 0, addedValue(change));
    case 'AddAfter':
      return at < 0 ? filters : filters.toSpliced(at + 1, 0, addedValue(change));
    case 'Remove':
      return at < 0 ? filters : filters.filter((filter) => !isPartOfConcerned(filter, change));
    case 'Patch':
      return at < 0 ? filters : filters.map((filter) => (isConcerned(filter, change) ? patched(filter, change) : filter));
  }
}

function isConcerned(filter: JsonObject, { match }: Change): boolean {
  return isOrAny(match.name, filter.name);
}

/** Permission is asked in two filters: what comes before it comes before both, and without it there is none of them. */
function isPartOfConcerned(filter: JsonObject, change: Change): boolean {
  return isConcerned(filter, change) || (change.match.name === permissionName && filter.name === denialsName);
}

function begin(filters: readonly JsonObject[], change: Change): number {
  return filters.findIndex((filter) => isPartOfConcerned(filter, change));
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
