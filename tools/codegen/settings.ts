// Writes docs/reference/settings.md from the table of settings; with --check fails when the page is not what the table gives.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { settingsPage } from '../../packages/kuma-cp/src/settings/reference-page.ts';
import { settingsTable } from '../../packages/kuma-cp/src/settings/table/index.ts';

const page = new URL('../../docs/reference/settings.md', import.meta.url);
const content = settingsPage(settingsTable);

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== content) {
    process.stderr.write('docs/reference/settings.md is out of date; run: node tools/codegen/settings.ts\n');
    process.exitCode = 1;
  }
} else {
  mkdirSync(new URL('.', page), { recursive: true });
  writeFileSync(page, content);
}
