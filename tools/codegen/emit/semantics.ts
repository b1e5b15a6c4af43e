import type { Definitions } from '../definitions.ts';

/**
 * Wires the hand-written rules of each kind that users write, by the convention of folders: `policies/<kind>/validate.ts`
 * for policies, `resources/<kind>/validate.ts` for the others.
 */
export function emitSemantics(definitions: Definitions): string {
  const wired = definitions.kinds
    .filter((kind) => !kind.readOnly)
    .map((kind) => ({ kind: kind.name, file: `${kind.policy ? 'policies' : 'resources'}/${kebab(kind.name)}/validate.ts` }));
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
