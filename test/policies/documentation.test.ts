import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ControlPlane } from '../../tools/fixtures/control-plane.ts';

const docs = join(import.meta.dirname, '../../docs');
const pages = ['policies.md', ...globSync('policies/*.md', { cwd: docs }).sort()];

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await ControlPlane.start();
});

afterAll(() => controlPlane?.process.stop(5_000));

test.each(pages)('every example of %s can be applied as it stands', async (page) => {
  const examples = [...readFileSync(join(docs, page), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml]) => yaml!);
  expect(examples).not.toEqual([]);
  for (const example of examples) {
    const names = [...example.matchAll(/^name: (.*)$/gm)].map(([, name]) => name!);
    const output = await controlPlane.apply(example);
    for (const name of names) expect(output).toContain(`name="${name}"`);
  }
});
