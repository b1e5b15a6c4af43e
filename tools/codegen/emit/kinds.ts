import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Definitions, KindDefinition } from '../definitions.ts';
import { formats } from '../formats.ts';

const head = '// Generated from proto/ by tools/codegen. Do not edit.\n';

/** The registry of kinds. */
export function emitKinds(definitions: Definitions): string {
  const kinds = definitions.kinds.map(({ message: _, ...descriptor }) => descriptor);
  return `${head}import type { KindDescriptor } from '../resources/kind.ts';

export const kinds: readonly KindDescriptor[] = ${JSON.stringify(kinds, null, 2)};
`;
}

/** Where deprecated fields stand, per kind; `*` is any item of a list. */
export function emitDeprecations(definitions: Definitions): string {
  const found: Record<string, { path: readonly string[]; advice: string }[]> = {};
  for (const kind of definitions.kinds) {
    const root = kind.shape === 'Spec' ? ['spec'] : [];
    const fields = fieldsOf(kind, root, (field) => definitions.rulesOf(field).deprecated === '');
    const deprecated = fields.map(({ field, path }) => ({ path, advice: definitions.rulesOf(field).deprecated }));
    const used = deprecated.filter(({ advice }) => advice !== '');
    if (used.length > 0) found[kind.name] = used;
  }
  return `${head}export const deprecatedFields: Readonly<
  Record<string, readonly { readonly path: readonly string[]; readonly advice: string }[]>
> = ${JSON.stringify(found, null, 2)};
`;
}

/** Where durations stand among a kind's own fields; `*` is any item of a list. */
export function emitDurations(definitions: Definitions): string {
  const found: Record<string, (readonly string[])[]> = {};
  for (const kind of definitions.kinds) {
    const fields = fieldsOf(kind, [], () => true);
    const paths = fields.filter(({ field }) => formats[definitions.rulesOf(field).format]?.name === 'Duration');
    if (paths.length > 0) found[kind.name] = paths.map(({ path }) => path);
  }
  return `${head}export const durationFields: Readonly<Record<string, readonly (readonly string[])[]>> = ${JSON.stringify(found, null, 2)};
`;
}

interface FieldOfKind {
  readonly field: DescField;
  readonly path: readonly string[];
}

/**
 * All fields of a kind, at any depth.
 * @param goesInto whether the fields of this one's message belong to them
 */
function fieldsOf(
  kind: KindDefinition,
  root: readonly string[],
  goesInto: (field: DescField) => boolean,
): readonly FieldOfKind[] {
  const visit = (message: DescMessage, at: readonly string[]): readonly FieldOfKind[] =>
    message.fields.flatMap((field) => {
      const path = [...at, field.jsonName, ...(field.fieldKind === 'list' ? ['*'] : [])];
      const below = field.message && field.fieldKind !== 'map' && goesInto(field) ? visit(field.message, path) : [];
      return [{ field, path }, ...below];
    });
  return visit(kind.message, root);
}
