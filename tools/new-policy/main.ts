/**
 * Scaffolds a policy: `node tools/new-policy/main.ts MeshRateLimit [--short mrl] [--into FOLDER]`.
 *
 *   names.ts (what it is called) -> files.ts (what is written) -> here: refuse to overwrite, write, add the one line
 *
 * What is scaffolded compiles and does nothing yet: one timeout-like field, validated, shown in the reference, applied
 * to no proxy. `--into` is the checkout to write to; this one when absent.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type NewFiles, newFiles } from './files.ts';
import { namesOf, problemOfName } from './names.ts';
import { withPolicy } from './policy-list.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'string' }, into: { type: 'string' } },
});
const root = resolve(values.into ?? join(import.meta.dirname, '../..'));
const list = join(root, 'packages/core-model/src/policies/index.ts');

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

const [kind, ...rest] = positionals;
if (!kind || rest.length > 0)
  fail('usage: pnpm new-policy NAME [--short SHORT], for instance: pnpm new-policy MeshRateLimit --short mrl');
const problem = problemOfName(kind);
if (problem) fail(problem);
const names = namesOf(kind, values.short);
const files: NewFiles = newFiles(names);
const taken = Object.keys(files).filter((path) => existsSync(join(root, path)));
if (taken.length > 0) fail(`nothing was written, because these files are there already: ${taken.join(', ')}`);

for (const [path, content] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
writeFileSync(list, withPolicy(readFileSync(list, 'utf8'), names));

console.log(`Written:
${Object.keys(files)
  .map((path) => `  ${path}`)
  .join('\n')}
and its line in packages/core-model/src/policies/index.ts, at the end: move it where it belongs in the order.

Next:
  describe the fields in proto/kuma/${names.snake}.proto, then: pnpm generate
  rules between fields: policies/${names.kebab}/validate.ts
  its effect: policies/${names.kebab}/apply.ts
  goldens of its case: UPDATE_GOLDENS=1 vitest run packages/core-model/cases`);
