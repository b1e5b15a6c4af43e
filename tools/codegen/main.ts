/**
 * Generates everything that `proto/` defines.
 *
 *   definitions.ts (buf, options, comments) -> emit/*.ts (one file a target) -> output.ts
 *   types.ts (ts-proto)
 *
 *   node tools/codegen/main.ts           writes
 *   node tools/codegen/main.ts --check   writes nothing; exit 1 and the names of files that differ
 */
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readDefinitions } from './definitions.ts';
import { refuseUndocumented } from './documented.ts';
import { emitCrds } from './emit/crds.ts';
import { emitDeprecations, emitDurations, emitKinds } from './emit/kinds.ts';
import { emitOpenApi } from './emit/openapi.ts';
import { emitReference } from './emit/reference.ts';
import { emitSchemas } from './emit/schemas.ts';
import { emitSemantics } from './emit/semantics.ts';
import { emitValidators } from './emit/validators.ts';
import { differing, type GeneratedFiles, inFolder, write } from './output.ts';
import { generateTypes } from './types.ts';

const root = join(import.meta.dirname, '../..');
process.env.PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;

const definitions = readDefinitions(join(root, 'proto'));
refuseUndocumented(definitions);
const validators = emitValidators(definitions);
const { version } = JSON.parse(readFileSync(join(root, 'packages/core-model/package.json'), 'utf8')) as { version: string };

const ignoredByGit: GeneratedFiles = {
  'packages/core-model/src/generated/kinds.ts': emitKinds(definitions),
  'packages/core-model/src/generated/deprecations.ts': emitDeprecations(definitions),
  'packages/core-model/src/generated/durations.ts': emitDurations(definitions),
  'packages/core-model/src/generated/semantics.ts': emitSemantics(definitions),
  'packages/core-model/src/generated/validators.js': validators.js,
  'packages/core-model/src/generated/validators.d.ts': validators.dts,
};
/** Folders where nothing else writes: what is no longer generated is deleted there. */
const ownFolders = ['resources', 'schemas', 'crds'].map((folder) => `docs/reference/${folder}`);
const committed: GeneratedFiles = inFolder('docs/reference', {
  ...inFolder('resources', emitReference(definitions)),
  ...emitSchemas(definitions),
  ...emitCrds(definitions),
  'openapi.yaml': emitOpenApi(definitions, version),
});

if (process.argv.includes('--check')) {
  const stale = differing(root, committed, ownFolders);
  for (const file of stale) console.error(`${file} differs from what proto/ defines; run: node tools/codegen/main.ts`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  generateTypes(root);
  write(root, { ...ignoredByGit, ...committed }, ownFolders);
}
