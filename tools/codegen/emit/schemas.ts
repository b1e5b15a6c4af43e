import type { Definitions, KindDefinition } from '../definitions.ts';
import { type Dialect, definitionName, type JsonSchema, messageSchema, reachable, resourceSchema } from '../json-schema.ts';

/** One JSON Schema a kind, complete in itself, for editors and other people's tools. */
export function emitSchemas(definitions: Definitions): Record<string, string> {
  const written = definitions.kinds.filter((kind) => !kind.readOnly);
  return Object.fromEntries(
    written.map((kind) => [`schemas/${kind.name}.json`, `${JSON.stringify(schema(definitions, kind), null, 2)}\n`]),
  );
}

function schema(definitions: Definitions, kind: KindDefinition): JsonSchema {
  const dialect = documentation((name) => `#/$defs/${name}`);
  const parts = reachable(kind.message).filter((message) => kind.shape === 'Spec' || message !== kind.message);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: kind.name,
    ...resourceSchema(definitions, kind, dialect),
    $defs: Object.fromEntries(parts.map((message) => [definitionName(message), messageSchema(definitions, message, dialect)])),
  };
}

/** As people read it: with defaults and descriptions. */
export function documentation(reference: (name: string) => string): Dialect {
  return {
    message: (message) => ({ $ref: reference(definitionName(message)) }),
    intOrString: { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?$' }] },
    anyJson: {},
    closed: true,
    defaults: true,
    annotateFormats: false,
  };
}
