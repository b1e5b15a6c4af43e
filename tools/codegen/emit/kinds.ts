import type { DescMessage } from '@bufbuild/protobuf';
import type { Definitions } from '../definitions.ts';

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
  const found: Record<string, { path: string[]; advice: string }[]> = {};
  for (const kind of definitions.kinds) {
    const visit = (message: DescMessage, path: string[]) => {
      for (const field of message.fields) {
        const here = [...path, field.jsonName, ...(field.fieldKind === 'list' ? ['*'] : [])];
        const { deprecated } = definitions.rulesOf(field);
        if (deprecated) {
          found[kind.name] ??= [];
          found[kind.name]!.push({ path: here, advice: deprecated });
        } else if (field.message && field.fieldKind !== 'map') visit(field.message, here);
      }
    };
    visit(kind.message, kind.shape === 'Spec' ? ['spec'] : []);
  }
  return `${head}export const deprecatedFields: Readonly<
  Record<string, readonly { readonly path: readonly string[]; readonly advice: string }[]>
> = ${JSON.stringify(found, null, 2)};
`;
}
