import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const reference = join(root, 'docs/reference');

test('what is committed is what proto/ defines', () => {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--check'], { encoding: 'utf8' });
  expect(output).toBe('');
});

test('every JSON Schema compiles, and takes a resource with nothing but what it requires', () => {
  for (const file of globSync('schemas/*.json', { cwd: reference })) {
    const schema = JSON.parse(readFileSync(join(reference, file), 'utf8'));
    const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);
    const flat = schema.title === 'Dataplane' ? { networking: { address: '10.0.0.1' } } : {};
    expect(validate({ type: schema.title, name: 'a', ...flat })).toBe(true);
    expect(validate({ type: schema.title, name: 'a', ...flat, unknown: 1 })).toBe(false);
  }
});

test('every reference in OpenAPI leads somewhere', () => {
  const document = parse(readFileSync(join(reference, 'openapi.yaml'), 'utf8'));
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!.split('/'));
  expect(references.length).toBeGreaterThan(100);
  for (const path of references) {
    expect(
      path.reduce((at, key) => at?.[key], document),
      path.join('/'),
    ).toBeDefined();
  }
});

test('CustomResourceDefinitions keep to what a structural schema may contain', () => {
  const allowed = new Set([
    ...[
      'type',
      'description',
      'properties',
      'required',
      'items',
      'additionalProperties',
      'enum',
      'pattern',
      'minimum',
      'maximum',
    ],
    ...['minItems', 'maxItems', 'anyOf', 'x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields'],
  ]);
  const check = (schema: Record<string, unknown>, at: string) => {
    for (const key of Object.keys(schema)) expect(allowed.has(key), `${at}: ${key}`).toBe(true);
    expect(schema.properties && schema.additionalProperties, at).toBeFalsy();
    for (const [name, property] of Object.entries(schema.properties ?? {})) check(property, `${at}.${name}`);
    for (const key of ['items', 'additionalProperties'])
      if (schema[key]) check(schema[key] as Record<string, unknown>, `${at}.${key}`);
  };
  for (const file of globSync('crds/*.yaml', { cwd: reference })) {
    const { spec } = parse(readFileSync(join(reference, file), 'utf8'));
    expect(file).toContain(`kuma.io_${spec.names.plural}.yaml`);
    check(spec.versions[0].schema.openAPIV3Schema, spec.names.kind);
  }
});
