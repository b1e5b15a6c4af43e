import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flush } from '@oclif/core/flush';
import { run } from '@oclif/core/run';
import { reportError } from './report-error.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await run(process.argv.slice(2), root);
  await flush();
} catch (error) {
  process.exitCode = await reportError(error, root);
}
