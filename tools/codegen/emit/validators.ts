import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import type { Definitions, KindDefinition } from '../definitions.ts';
import { type Dialect, definitionName, type JsonSchema, messageSchema, reachable, resourceSchema } from '../json-schema.ts';

const dialect: Dialect = {
  message: (message) => ({ $ref: `defs#/$defs/${definitionName(message)}` }),
  intOrString: {
    type: ['number', 'string'],
    pattern: '^[0-9]+(\\.[0-9]+)?$',
    expected: { format: 'Number', text: 'a number of 0 or more' },
  },
  anyJson: {},
  closed: true,
  defaults: false,
  annotateFormats: true,
};

/** One ES module that exports a compiled validator per kind, as `validateMesh` and so on. */
export function emitValidators(definitions: Definitions): { readonly js: string; readonly dts: string } {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    inlineRefs: false,
    strictTypes: false,
    code: { source: true, esm: true, lines: false, optimize: 2 },
    keywords: ['expected'],
  });
  ajv.addSchema({ $id: 'defs', $defs: sharedDefinitions(definitions) });
  const exports: Record<string, string> = {};
  for (const kind of definitions.kinds) {
    ajv.addSchema({ $id: kind.name, ...withoutEnvelopeRules(resourceSchema(definitions, kind, dialect), kind) });
    exports[`validate${kind.name}`] = kind.name;
  }
  const js = standalone.default(ajv, exports).replaceAll(/^"use strict";/gm, '');
  if (/\brequire\s*\(/.test(js))
    throw new Error('the validators need `require`: some schema keyword pulls in an ajv runtime file');
  const dts = `import type { SchemaValidator } from '../resources/schema-problems.ts';

${Object.keys(exports)
  .map((name) => `export declare const ${name}: SchemaValidator;`)
  .join('\n')}
export declare const validators: Readonly<Record<string, SchemaValidator>>;
`;
  const table = definitions.kinds.map((kind) => `${kind.name}: validate${kind.name}`).join(', ');
  return { js: `// Generated from proto/ by tools/codegen. Do not edit.\n${js}\nexport const validators = { ${table} };\n`, dts };
}

function sharedDefinitions(definitions: Definitions): Record<string, JsonSchema> {
  const defs: Record<string, JsonSchema> = {};
  for (const kind of definitions.kinds) {
    for (const message of reachable(kind.message)) {
      const { description: _, ...schema } = messageSchema(definitions, message, dialect);
      defs[definitionName(message)] = withoutDocs(schema);
    }
  }
  return defs;
}

/** `type` and `name` are the parser's to judge, because the HTTP API reports them apart. */
function withoutEnvelopeRules(schema: JsonSchema, kind: KindDefinition): JsonSchema {
  const { description: _, ...rest } = withoutDocs(schema);
  const properties = rest.properties as Record<string, JsonSchema>;
  const ignored = ['type', 'name', 'mesh', 'creationTime', 'modificationTime', 'kri', 'status'];
  return {
    ...rest,
    properties: { ...properties, ...Object.fromEntries(ignored.filter((key) => !own(kind, key)).map((key) => [key, {}])) },
    required: (rest.required as string[]).filter((key) => key !== 'type' && key !== 'name'),
  };
}

function own(kind: KindDefinition, key: string): boolean {
  return kind.shape === 'Flat' && kind.message.fields.some((field) => field.jsonName === key);
}

function withoutDocs(schema: JsonSchema): JsonSchema {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).map(([name, property]) => {
    const { description: _d, deprecated: _p, ...rest } = property;
    return [name, rest];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
