import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'new-policy-'));
const run = promisify(execFile);
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const scaffold = (...args: string[]) => run(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args, '--into', copy]);

beforeAll(async () => {
  for (const path of [
    'proto',
    'tools/codegen',
    'packages/core-model',
    'biome.json',
    'package.json',
    'tsconfig.json',
    '.gitignore',
  ]) {
    cpSync(join(root, path), join(copy, path), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (from) => !from.includes('node_modules'),
    });
  }
  for (const path of ['node_modules', 'packages/core-model/node_modules']) symlinkSync(join(root, path), join(copy, path));
  await scaffold('MeshHTTPFancyPolicy', '--short', 'mhfp');
  await run(process.execPath, [join(copy, 'tools/codegen/main.ts')]);
});

afterAll(() => rmSync(copy, { recursive: true }));

test('what is scaffolded has the types that the compiler wants, and the form that lint wants', async () => {
  const project = { extends: './tsconfig.json', include: ['packages/core-model/src/policies/**/*.ts'] };
  writeFileSync(join(copy, 'tsconfig.policies.json'), JSON.stringify(project));
  const types = await run(bin('tsc'), ['-p', join(copy, 'tsconfig.policies.json')]).catch(({ stdout }) => ({ stdout }));
  expect(types.stdout).toBe('');
  const files = ['packages/core-model/src/policies'];
  await expect(run(bin('biome'), ['check', '--vcs-enabled=false', ...files], { cwd: copy })).resolves.toBeDefined();
  await expect(run(bin('buf'), ['lint', join(copy, 'proto')])).resolves.toBeDefined();
});

test('it is a kind like the others: in the registry, the list, the reference and for Kubernetes', () => {
  const read = (path: string) => readFileSync(join(copy, path), 'utf8');
  expect(read('packages/core-model/src/generated/kinds.ts')).toContain('"path": "meshhttpfancypolicies"');
  expect(read('packages/core-model/src/policies/index.ts')).toMatch(/export const policies[\s\S]*meshHTTPFancyPolicy,\n\]/);
  expect(read('docs/reference/resources/MeshHTTPFancyPolicy.md')).toContain('`mhfp`');
  expect(read('docs/reference/crds/kuma.io_meshhttpfancypolicies.yaml')).toContain('kind: MeshHTTPFancyPolicy');
});

test('its own tests pass', async () => {
  const tests = 'packages/core-model/src/policies/mesh-http-fancy-policy';
  await expect(run(bin('vitest'), ['run', '--root', copy, tests], { cwd: copy })).resolves.toBeDefined();
});

test('a name that is taken, or none of a policy, is refused and nothing is written', async () => {
  await expect(scaffold('MeshHTTPFancyPolicy')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there already'),
  });
  await expect(scaffold('RateLimit')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('begins with Mesh') });
});
