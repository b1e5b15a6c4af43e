/**
 * Generates everything that `proto/` defines.
 *
 *   definitions.ts (buf, options, comments) -> emit/*.ts (one file a target) -> output.ts
 *   types.ts (ts-proto)
 *
 *   node tools/codegen/main.ts           writes
 *   node tools/codegen/main.ts --check   writes nothing; exit 1 and the names of files that differ
 */
import { delimiter, join } from 'node:path';
import { readDefinitions } from './definitions.ts';
import { refuseUndocumented } from './documented.ts';
import { emitDeprecations, emitKinds } from './emit/kinds.ts';
import { emitSemantics } from './emit/semantics.ts';
import { emitValidators } from './emit/validators.ts';
import { differing, type GeneratedFiles, write } from './output.ts';
import { generateTypes } from './types.ts';

const root = join(import.meta.dirname, '../..');
process.env.PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;

const definitions = readDefinitions(join(root, 'proto'));
refuseUndocumented(definitions);
const validators = emitValidators(definitions);

const ignoredByGit: GeneratedFiles = {
  'packages/core-model/src/generated/kinds.ts': emitKinds(definitions),
  'packages/core-model/src/generated/deprecations.ts': emitDeprecations(definitions),
  'packages/core-model/src/generated/semantics.ts': emitSemantics(definitions),
  'packages/core-model/src/generated/validators.js': validators.js,
  'packages/core-model/src/generated/validators.d.ts': validators.dts,
};
const committed: GeneratedFiles = {};

if (process.argv.includes('--check')) {
  const stale = differing(root, committed, ['docs/reference']);
  for (const file of stale) console.error(`${file} differs from what proto/ defines; run: node tools/codegen/main.ts`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  generateTypes(root);
  write(root, { ...ignoredByGit, ...committed }, ['docs/reference']);
}
