/**
 * One folder a case: `input.yaml` is a proxy to look at and the resources of its mesh; `rules.golden.yaml` what policies say
 * about it, in the shape of `/_rules`; `ir.golden.yaml` what it should do.
 *
 * UPDATE_GOLDENS=1 writes the goldens anew and removes those of cases that are gone; read the difference.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { buildProxy, describeRules, resolveRules } from '../src/proxy/index.ts';
import { readCase } from './read-case.ts';

const folder = import.meta.dirname;
const update = process.env.UPDATE_GOLDENS === '1';

const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .filter((name) => {
    const live = existsSync(join(folder, name, 'input.yaml'));
    if (!live && update) rmSync(join(folder, name), { recursive: true });
    return live;
  });

describe.each(cases)('%s', (name) => {
  const read = () => readCase(readFileSync(join(folder, name, 'input.yaml'), 'utf8'));

  it('has the rules of the golden', () => {
    const { snapshot, input } = read();
    const rules = resolveRules(snapshot, input.dataplane, { shadow: input.shadow ?? false });
    compareWithGolden(join(folder, name, 'rules.golden.yaml'), describeRules(snapshot, input.dataplane, rules));
  });

  it('has the configuration of the golden', () => {
    const { snapshot, input } = read();
    compareWithGolden(join(folder, name, 'ir.golden.yaml'), buildProxy(snapshot, input));
  });
});

function compareWithGolden(file: string, value: unknown): void {
  const yaml = stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
  if (update) writeFileSync(file, yaml);
  expect(yaml).toBe(readFileSync(file, 'utf8'));
}
