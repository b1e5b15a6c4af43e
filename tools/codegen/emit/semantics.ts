import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Definitions } from '../definitions.ts';

/**
 * Which hand-written `validate.ts` belongs to which kind, by the convention of folders: `policies/<kind>/` for policies,
 * `resources/<kind>/` for the others, where they have one.
 */
export function emitSemantics(definitions: Definitions, coreModel: string): string {
  const wired = definitions.kinds.flatMap((kind) => {
    const file = `${kind.policy ? 'policies' : 'resources'}/${kebab(kind.name)}/validate.ts`;
    return existsSync(join(coreModel, file)) ? [{ kind: kind.name, file }] : [];
  });
  return `// Generated from proto/ by tools/codegen. Do not edit.
import type { SemanticValidator } from '../resources/semantic-validator.ts';
${wired.map(({ kind, file }) => `import { validate${kind} } from '../${file}';`).join('\n')}

export const semanticValidators: Readonly<Record<string, SemanticValidator>> = {
${wired.map(({ kind }) => `  ${kind}: validate${kind} as SemanticValidator,`).join('\n')}
};
`;
}

/** `MeshHTTPRoute` -> `mesh-http-route` */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}
