import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Definitions, KindDefinition } from '../definitions.ts';
import { formats } from '../formats.ts';
import { definitionName, envelope, reachable } from '../json-schema.ts';

/** One Markdown page a kind, and a list of them. */
export function emitReference(definitions: Definitions): Record<string, string> {
  const pages = definitions.kinds.map((kind) => [`${kind.name}.md`, page(definitions, kind)] as const);
  return { ...Object.fromEntries(pages), 'README.md': contents(definitions) };
}

function contents(definitions: Definitions): string {
  const row = (kind: KindDefinition) =>
    `| [${kind.name}](${kind.name}.md) | \`${kind.path}\` | ${code(kind.shortName)} | ${kind.scope === 'Mesh' ? 'mesh' : 'global'} | ${definitions.comments(kind.message)} |`;
  const table = (kinds: readonly KindDefinition[]) =>
    ['| Kind | Path | Short | Scope | |', '|---|---|---|---|---|', ...kinds.map(row)].join('\n');
  return `# Reference of resources

Generated from \`proto/\`. The same as [OpenAPI](../openapi.yaml), as [JSON Schemas](../schemas) and as
[Kubernetes CustomResourceDefinitions](../crds).

## Policies

${table(definitions.kinds.filter((kind) => kind.policy))}

## Others

${table(definitions.kinds.filter((kind) => !kind.policy && !kind.readOnly))}

## Written by the control plane

${table(definitions.kinds.filter((kind) => kind.readOnly))}
`;
}

function page(definitions: Definitions, kind: KindDefinition): string {
  const parts = reachable(kind.message).slice(1);
  const where = kind.scope === 'Mesh' ? `/meshes/{mesh}/${kind.path}/{name}` : `/${kind.path}/{name}`;
  const facts = [
    `| HTTP API | \`${where}\`${kind.pathAliases.map((alias) => `, also \`${alias}\``).join('')} |`,
    `| kumactl | \`${kind.path}\`${kind.shortName && `, \`${kind.shortName}\``} |`,
    `| Scope | ${kind.scope === 'Mesh' ? 'one mesh' : 'global'} |`,
    ...(kind.readOnly ? ['| Written by | the control plane only |'] : []),
    ...roles(kind),
  ];
  const ownFields = kind.shape === 'Spec' ? '\nIts own fields stand under `spec`.\n' : '';
  return `# ${kind.singularDisplayName}

${definitions.comments(kind.message)}

| | |
|---|---|
${facts.join('\n')}

Beside \`type\`${kind.scope === 'Mesh' ? ', `mesh`' : ''} and \`name\` a ${kind.name} may carry ${Object.keys(envelope(kind)).includes('labels') ? '`labels`' : 'nothing'}.
${ownFields}
## Fields

${fieldTable(definitions, kind.message)}
${parts.map((message) => section(definitions, message)).join('')}`;
}

function roles({ policy }: KindDefinition): string[] {
  if (!policy) return [];
  const kinds = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');
  return [
    ...(policy.targetRef ? [`| \`targetRef.kind\` | ${kinds(policy.targetKinds)} |`] : []),
    ...(policy.hasTo ? [`| \`to[].targetRef.kind\` | ${kinds(policy.toKinds)} |`] : []),
    ...(policy.hasFrom ? [`| \`from[].targetRef.kind\` | ${kinds(policy.fromKinds)} |`] : []),
  ];
}

function section(definitions: Definitions, message: DescMessage): string {
  const comment = definitions.comments(message);
  const body = message.fields.length > 0 ? fieldTable(definitions, message) : 'It has no fields.';
  return `\n## ${definitionName(message)}\n\n${comment ? `${comment}\n\n` : ''}${body}\n`;
}

function fieldTable(definitions: Definitions, message: DescMessage): string {
  const rows = message.fields.map((field) => {
    const rules = definitions.rulesOf(field);
    const notes = [
      definitions.comments(field),
      ...(rules.deprecated ? [`**Deprecated:** ${rules.deprecated}.`] : []),
      ...(field.enum ? [`One of ${field.enum.values.map(({ name }) => code(name)).join(', ')}.`] : []),
    ];
    return `| \`${field.jsonName}\` | ${typeOf(field)} | ${limits(definitions, field)} | ${code(rules.default)} | ${cell(notes.join(' '))} |`;
  });
  return ['| Field | Type | Must be | Default | |', '|---|---|---|---|---|', ...rows].join('\n');
}

function typeOf(field: DescField): string {
  const single = field.message ? messageType(field.message) : field.enum ? 'string' : scalarNames[field.scalar ?? 0];
  if (field.fieldKind === 'map') return `map of ${single}`;
  return field.fieldKind === 'list' ? `list of ${single}` : `${single}`;
}

/** Numbers of google.protobuf.FieldDescriptorProto.Type. */
const scalarNames: Readonly<Record<number, string>> = {
  1: 'number',
  3: 'integer',
  5: 'integer',
  8: 'boolean',
  9: 'string',
  13: 'integer',
};

function messageType(message: DescMessage): string {
  if (message.typeName === 'kuma.IntOrString') return 'number or string';
  if (message.typeName === 'kuma.JsonValue') return 'any';
  const name = definitionName(message);
  return `[${name.split('.').at(-1)}](#${name.toLowerCase().replaceAll('.', '')})`;
}

function limits(definitions: Definitions, field: DescField): string {
  const rules = definitions.rulesOf(field);
  const format = formats[rules.format];
  const minimum = rules.minimum ?? format?.minimum;
  const maximum = rules.maximum ?? format?.maximum;
  const range = minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}` : '';
  return [
    ...(rules.required ? ['**set**'] : []),
    ...(format?.pattern || format?.name === 'Regex' ? [format.expected] : []),
    ...(range ? [range] : minimum !== undefined ? [`at least ${minimum}`] : maximum !== undefined ? [`at most ${maximum}`] : []),
    ...(rules.maxItems ? [`at most ${rules.maxItems} item${rules.maxItems === 1 ? '' : 's'}`] : []),
    ...(rules.minItems ? [`at least ${rules.minItems} item${rules.minItems === 1 ? '' : 's'}`] : []),
  ].join(', ');
}

function code(text: string): string {
  return text ? `\`${text}\`` : '';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
