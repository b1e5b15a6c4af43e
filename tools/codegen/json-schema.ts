import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { Definitions, FieldRules, KindDefinition } from './definitions.ts';
import { formats } from './formats.ts';

export interface JsonSchema {
  [keyword: string]: unknown;
}

/** How one use of the schemas differs from the others. */
export interface Dialect {
  /** What stands where a field is of a message type: a reference, or the whole schema. */
  readonly message: (message: DescMessage) => JsonSchema;
  readonly intOrString: JsonSchema;
  readonly anyJson: JsonSchema;
  /** Whether unknown fields are refused by a keyword (Kubernetes prunes them instead). */
  readonly closed: boolean;
  readonly defaults: boolean;
  /** Keep the name of the format and what it expects, for error messages. */
  readonly annotateFormats: boolean;
}

/** Schema of one message. */
export function messageSchema(definitions: Definitions, message: DescMessage, dialect: Dialect): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const field of message.fields) {
    const rules = definitions.rulesOf(field);
    const description = definitions.comments(field);
    const schema = { ...fieldSchema(field, rules, dialect) };
    if (description) schema.description = description;
    if (rules.deprecated) schema.deprecated = true;
    if (rules.default && dialect.defaults) schema.default = defaultValue(field, rules.default);
    properties[field.jsonName] = schema;
    if (rules.required) required.push(field.jsonName);
  }
  return {
    type: 'object',
    ...(definitions.comments(message) && { description: definitions.comments(message) }),
    properties,
    ...(required.length > 0 && { required }),
    ...(dialect.closed && { additionalProperties: false }),
  };
}

function fieldSchema(field: DescField, rules: FieldRules, dialect: Dialect): JsonSchema {
  switch (field.fieldKind) {
    case 'map':
      return { type: 'object', additionalProperties: valueSchema(field.mapKind, field, rules, dialect) };
    case 'list':
      return {
        type: 'array',
        items: valueSchema(field.listKind, field, rules, dialect),
        ...(rules.minItems !== undefined && { minItems: rules.minItems }),
        ...(rules.maxItems !== undefined && { maxItems: rules.maxItems }),
      };
    default:
      return valueSchema(field.fieldKind, field, rules, dialect);
  }
}

function valueSchema(kind: 'scalar' | 'enum' | 'message', field: DescField, rules: FieldRules, dialect: Dialect): JsonSchema {
  if (kind === 'enum') return enumSchema(field.enum!);
  if (kind === 'scalar') return scalarSchema(field.scalar!, rules, dialect);
  const message = field.message!;
  if (message.typeName === 'kuma.IntOrString') return dialect.intOrString;
  if (message.typeName === 'kuma.JsonValue') return dialect.anyJson;
  return dialect.message(message);
}

function enumSchema(of: DescEnum): JsonSchema {
  return { type: 'string', enum: of.values.map((value) => value.name) };
}

function scalarSchema(type: ScalarType, rules: FieldRules, dialect: Dialect): JsonSchema {
  const format = formats[rules.format];
  const minimum = rules.minimum ?? format?.minimum;
  const maximum = rules.maximum ?? format?.maximum;
  const pattern = rules.pattern || format?.pattern;
  return {
    ...scalarRange(type),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(pattern && { pattern }),
    ...(format && dialect.annotateFormats && { expected: { format: format.name, text: format.expected } }),
  };
}

function scalarRange(type: ScalarType): JsonSchema {
  switch (type) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.UINT32:
      return { type: 'integer', minimum: 0, maximum: 4294967295 };
    case ScalarType.INT32:
      return { type: 'integer', minimum: -2147483648, maximum: 2147483647 };
    case ScalarType.INT64:
      // What JSON's numbers tell apart.
      return { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    case ScalarType.DOUBLE:
      return { type: 'number' };
    default:
      throw new Error(`proto/ uses the scalar type ${ScalarType[type]}; teach it to tools/codegen/json-schema.ts`);
  }
}

function defaultValue(field: DescField, text: string): unknown {
  if (field.fieldKind === 'scalar' && field.scalar === ScalarType.BOOL) return text === 'true';
  const numeric = field.fieldKind === 'scalar' && field.scalar !== ScalarType.STRING;
  return numeric ? Number(text) : text;
}

/** Fields that every resource has, beside the kind's own. */
export function envelope(kind: KindDefinition): Record<string, JsonSchema> {
  return {
    type: { type: 'string', enum: [kind.name], description: 'Kind of the resource.' },
    ...(kind.scope === 'Mesh' && { mesh: { type: 'string', description: 'Mesh of the resource.' } }),
    name: { type: 'string', description: 'Name, unique among the resources of its kind and mesh.' },
    labels: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Labels by which policies and lists select.',
    },
    creationTime: { type: 'string', description: 'Set by the control plane.' },
    modificationTime: { type: 'string', description: 'Set by the control plane.' },
    ...(kind.shortName && { kri: { type: 'string', description: 'Set by the control plane.' } }),
    ...(kind.shape === 'Spec' && { status: { type: 'object', description: 'Set by the control plane.' } }),
  };
}

/** Schema of a whole resource as the HTTP API shows it. */
export function resourceSchema(definitions: Definitions, kind: KindDefinition, dialect: Dialect): JsonSchema {
  const own = messageSchema(definitions, kind.message, dialect);
  const properties =
    kind.shape === 'Spec'
      ? { ...envelope(kind), spec: dialect.message(kind.message) }
      : { ...envelope(kind), ...(own.properties as object) };
  const required = ['type', 'name', ...(kind.shape === 'Flat' ? ((own.required as string[] | undefined) ?? []) : [])];
  return {
    type: 'object',
    description: definitions.comments(kind.message),
    properties,
    required,
    additionalProperties: false,
  };
}

/** All message types that fields of `root` reach, itself first. */
export function reachable(root: DescMessage): DescMessage[] {
  const seen = new Set<DescMessage>();
  const visit = (message: DescMessage) => {
    if (seen.has(message) || message.typeName === 'kuma.IntOrString' || message.typeName === 'kuma.JsonValue') return;
    seen.add(message);
    for (const field of message.fields) if (field.message) visit(field.message);
  };
  visit(root);
  return [...seen];
}

/** `kuma.MeshTimeout.Conf.Http` -> `MeshTimeout.Conf.Http` */
export function definitionName(message: DescMessage): string {
  return message.typeName.replace(/^kuma\./, '');
}
