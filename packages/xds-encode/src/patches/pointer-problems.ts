import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { definitionProblems } from './constraint-problems.ts';
import type { Json, JsonObject } from './json.ts';
import { segmentsOf } from './json-patch.ts';
import { type MessageProblem, unknownField } from './message-problems.ts';
import { fieldNamed } from './spelling.ts';

/** What is wrong with a step, as far as the type of what it leads to can be told before there is a message. */
export interface StepProblem {
  readonly field: 'path' | 'from' | 'value';
  readonly problem: MessageProblem;
}

/**
 * @param schema of the message that the step is applied to
 * @param step whose members may still be of any type: what is wrong with those is said elsewhere
 */
export function stepProblems(schema: DescMessage, step: JsonObject): StepProblem[] {
  const { op, path, from, value } = step;
  if (typeof path !== 'string') return [];
  const to = follow(schema, path);
  const problems: StepProblem[] = [];
  if ('reason' in to) problems.push({ field: 'path', problem: { at: [], reason: to.reason } });
  const source = typeof from === 'string' ? follow(schema, from) : undefined;
  if (source && 'reason' in source) problems.push({ field: 'from', problem: { at: [], reason: source.reason } });
  if ((op !== 'add' && op !== 'replace') || value === undefined || 'reason' in to) return problems;
  return [...problems, ...valueProblems(to, value).map((problem): StepProblem => ({ field: 'value', problem }))];
}

/** What a pointer leads to: a message, a field of one, an item of it, or something whose type only the message tells. */
type Place =
  | { readonly kind: 'message'; readonly schema: DescMessage }
  | { readonly kind: 'field' | 'item'; readonly field: DescField }
  | { readonly kind: 'unknown' }
  | { readonly reason: string };

const untyped: ReadonlySet<string> = new Set(['google.protobuf.Any', 'google.protobuf.Struct', 'google.protobuf.Value']);

function follow(schema: DescMessage, pointer: string): Place {
  // That it is no pointer is said elsewhere.
  if (pointer !== '' && !pointer.startsWith('/')) return { kind: 'unknown' };
  let segments: readonly string[];
  try {
    segments = segmentsOf(pointer);
  } catch (error) {
    return { reason: (error as Error).message };
  }
  let at: Place = { kind: 'message', schema };
  for (const segment of segments) {
    if ('reason' in at || at.kind === 'unknown') return at;
    at = inside(at, segment);
  }
  return at;
}

function inside(at: Exclude<Place, { reason: string } | { kind: 'unknown' }>, segment: string): Place {
  if (at.kind === 'field' && at.field.fieldKind === 'map') return { kind: 'item', field: at.field };
  if (at.kind === 'field' && at.field.fieldKind === 'list')
    return /^(-|-?\d+)$/.test(segment)
      ? { kind: 'item', field: at.field }
      : { reason: `${at.field.jsonName} is a list: ${segment} must be a number or -` };
  const schema = at.kind === 'message' ? at.schema : at.field.message;
  if (schema === undefined) return { reason: `${at.kind === 'message' ? '' : at.field.jsonName} has nothing in it: ${segment}` };
  if (untyped.has(schema.typeName)) return { kind: 'unknown' };
  const field = fieldNamed(schema, segment);
  if (field === undefined) return { reason: `${segment}: ${unknownField(schema, segment)}` };
  return { kind: 'field', field };
}

function valueProblems(place: Exclude<Place, { reason: string }>, value: Json): MessageProblem[] {
  switch (place.kind) {
    case 'unknown':
      return [];
    case 'message':
      return definitionProblems(place.schema, value, 'part');
    case 'field':
      return ofField(place.field, value, 1);
    case 'item':
      return ofField(place.field, place.field.fieldKind === 'map' ? { item: value } : [value], 2);
  }
}

/** Problems of one field's value, told from the value itself. */
function ofField(field: DescField, value: Json, depth: number): MessageProblem[] {
  const problems = definitionProblems(field.parent, { [field.jsonName]: value }, 'part');
  return problems.map(({ at, reason }) => ({ at: at.slice(depth), reason }));
}
