import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ControlPlane } from '../tools/fixtures/control-plane.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const folder = join(docs, 'policies');
const pages = [join(docs, 'policies.md'), ...(existsSync(folder) ? readdirSync(folder).map((page) => join(folder, page)) : [])];
const examples = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map((match, index) => ({
    title: `${page.slice(docs.length + 1)}, example ${index + 1}`,
    yaml: match[1]!,
  })),
);

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await ControlPlane.start();
});

afterAll(() => controlPlane?.process.stop());

test.each(examples)('$title is accepted', async ({ yaml }) => {
  expect(await controlPlane.apply(yaml)).toMatch(/(Created|Updated)/);
});
