import type { Definitions } from './definitions.ts';
import { reachable } from './json-schema.ts';

/** Comments of fields become reference pages, CRDs and OpenAPI: every field must have one. */
export function refuseUndocumented(definitions: Definitions): void {
  const missing = new Set<string>();
  for (const kind of definitions.kinds) {
    for (const message of reachable(kind.message)) {
      for (const field of message.fields) {
        if (definitions.comments(field) === '') missing.add(`${message.typeName}.${field.jsonName}`);
      }
    }
  }
  if (missing.size > 0) throw new Error(`proto/: these fields have no comment: ${[...missing].join(', ')}`);
}
