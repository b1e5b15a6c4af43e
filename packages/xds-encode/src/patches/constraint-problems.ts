import {
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescOneof,
  getExtension,
  hasExtension,
  type Message,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { Any } from '@bufbuild/protobuf/wkt';
import { envoySchema, messageFromBytes, messageFromJson, schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { oncePerObject } from '../resource.ts';
import { tooDeep } from './encoded-message.ts';
import type { Json } from './json.ts';
import { type MessageProblem, messageProblems } from './message-problems.ts';
import { withoutPlaces } from './without-places.ts';

/*
 * Envoy's own rules for values, as its definitions state them (`validate.rules`): what they refuse, Envoy refuses.
 */

type Place = MessageProblem['at'];

type Limits = Readonly<Record<string, unknown>>;

/** What is read of `validate.FieldRules`: one kind of rules, and `message.required`. */
interface Rules {
  readonly message?: { readonly required: boolean };
  readonly type: { readonly case: string | undefined; readonly value?: Limits };
}

/** Whether a message is all there is, or is merged into one that has what it lacks: then only what it states counts. */
export type Extent = 'whole' | 'part';

/** What keeps JSON from being a message that Envoy takes: its form, and the values of all that has the right one. */
export function definitionProblems(schema: DescMessage, json: Json, extent: Extent): MessageProblem[] {
  const problems = messageProblems(schema, json);
  const readable = withoutPlaces(
    json,
    problems.map(({ at }) => at),
  );
  if (readable === undefined) return problems;
  // What was left out may be just what is required.
  const of = problems.length > 0 ? 'part' : extent;
  return [...problems, ...constraintProblems(schema, messageFromJson(schema, readable as never), of)];
}

/**
 * What holds the packed configuration of an extension that Envoy makes in any case, and checks when it does. Others it may
 * never look at.
 */
const madeInAnyCase: ReadonlySet<string> = new Set([
  'envoy.config.core.v3.TransportSocket',
  'envoy.config.listener.v3.Filter',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
]);

function constraintProblems(schema: DescMessage, message: Message, extent: Extent): MessageProblem[] {
  const check = (of: ReflectMessage, at: Place): MessageProblem[] => [
    ...of.oneofs
      .filter((oneof) => extent === 'whole' && isRequired(oneof) && of.oneofCase(oneof) === undefined)
      .map((oneof) => ({ at, reason: `one of ${oneof.fields.map(({ jsonName }) => jsonName).join(', ')} must be set` })),
    ...of.fields
      .filter((field) => extent === 'whole' || of.isSet(field))
      .flatMap((field) => fieldProblems({ of, field, extent }, rulesOf(field), [...at, field.jsonName])),
    ...of.fields.filter((field) => of.isSet(field)).flatMap((field) => below(of, field, [...at, field.jsonName])),
  ];
  const below = (of: ReflectMessage, field: DescField, at: Place): MessageProblem[] => {
    if (field.message?.typeName === 'google.protobuf.Any' && field.fieldKind === 'message' && madeInAnyCase.has(of.desc.typeName))
      return packedProblems((of.get(field) as ReflectMessage).message as Any, at);
    if (field.message === undefined || field.message.file.proto.package === 'google.protobuf') return [];
    if (field.fieldKind === 'message') return check(of.get(field) as ReflectMessage, at);
    if (field.fieldKind === 'list')
      return [...(of.get(field) as Iterable<ReflectMessage>)].flatMap((item, i) => check(item, [...at, i]));
    return [...(of.get(field) as Iterable<[string, ReflectMessage]>)].flatMap(([key, item]) => check(item, [...at, key]));
  };
  return check(reflect(schema, message as never), []);
}

/** Only what is stated: examples in wide use leave out what is required. */
function packedProblems(packed: Any, at: Place): MessageProblem[] {
  const schema = schemaOf(packed.typeUrl);
  if (schema === undefined) return [];
  let message: Message;
  try {
    message = messageFromBytes(schema, packed.value);
  } catch {
    return [{ at, reason: tooDeep }];
  }
  return constraintProblems(schema, message, 'part').map((problem) => ({ ...problem, at: [...at, ...problem.at] }));
}

/** Nothing where there are none. */
const rulesOf = oncePerObject((field: DescField): Rules => {
  return (option(field, 'validate.rules') as Rules | undefined) ?? { type: { case: undefined } };
});

const isRequired = oncePerObject((oneof: DescOneof): boolean => option(oneof, 'validate.required') === true);

function option({ proto }: DescField | DescOneof, name: string): unknown {
  const extension = envoySchema().getExtension(name) as DescExtension;
  return proto.options && hasExtension(proto.options, extension) ? getExtension(proto.options, extension) : undefined;
}

interface Subject {
  readonly of: ReflectMessage;
  readonly field: DescField;
  readonly extent: Extent;
}

function fieldProblems({ of, field, extent }: Subject, rules: Rules, at: Place): MessageProblem[] {
  if (rules.message === undefined && rules.type.case === undefined) return [];
  const { case: kind, value = {} } = rules.type;
  const set = of.isSet(field);
  // Rules of a member of a oneof are for when it is the one.
  if (!set && field.oneof) return [];
  if (!set && (rules.message?.required || value.required)) return [{ at, reason: 'must be set' }];
  if (!set && (field.fieldKind === 'message' || value.ignoreEmpty)) return [];
  const found =
    kind === undefined ? undefined : broken(kind, extent === 'whole' ? value : withoutLeastItems(value), of.get(field));
  return found === undefined ? [] : [{ at, reason: found }];
}

/** More items may be there already. */
function withoutLeastItems({ minItems: _, minPairs: __, ...rules }: Limits): Limits {
  return rules;
}

/** @returns what the value breaks of the rules, if anything */
function broken(kind: string, rules: Limits, value: unknown): string | undefined {
  switch (kind) {
    case 'string':
      return (
        outOf(rules, 'minLen', 'maxLen', [...String(plain(value))].length, 'characters') ??
        outOf(rules, 'minBytes', 'maxBytes', Buffer.byteLength(String(plain(value))), 'bytes')
      );
    case 'repeated':
      return outOf(rules, 'minItems', 'maxItems', (value as { size: number }).size, 'items');
    case 'map':
      return outOf(rules, 'minPairs', 'maxPairs', (value as { size: number }).size, 'entries');
    case 'duration':
      return outOfRange(rules, seconds, seconds((value as ReflectMessage).message), 's');
    case 'double':
    case 'float':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return outOfRange(rules, Number, Number(plain(value)), '');
    default:
      return undefined;
  }
}

/** The value of a scalar, or of the message that wraps one. */
function plain(value: unknown): unknown {
  const message = (value as ReflectMessage | undefined)?.message as { value?: unknown } | undefined;
  return message === undefined ? value : message.value;
}

function seconds(duration: unknown): number {
  const { seconds: whole, nanos } = duration as { seconds: bigint; nanos: number };
  return Number(whole) + nanos / 1e9;
}

function outOf(rules: Limits, least: string, most: string, is: number, unit: string): string | undefined {
  if (Object.hasOwn(rules, least) && is < Number(rules[least])) return `must have at least ${rules[least]} ${unit}`;
  if (Object.hasOwn(rules, most) && is > Number(rules[most])) return `must have at most ${rules[most]} ${unit}`;
  return undefined;
}

const ranges = [
  ['gt', 'more than', (is: number, limit: number) => is > limit],
  ['gte', 'at least', (is: number, limit: number) => is >= limit],
  ['lt', 'less than', (is: number, limit: number) => is < limit],
  ['lte', 'at most', (is: number, limit: number) => is <= limit],
] as const;

function outOfRange(rules: Limits, read: (limit: unknown) => number, is: number, unit: string): string | undefined {
  // Rules are proto2: what is not stated reads as a zero.
  const broken = ranges.find(([rule, , holds]) => Object.hasOwn(rules, rule) && !holds(is, read(rules[rule])));
  return broken && `must be ${broken[1]} ${read(rules[broken[0]])}${unit}; got ${is}${unit}`;
}
