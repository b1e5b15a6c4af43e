/** Everything that is not a test: lint, format and layer rules, types, and whether committed generated files are up to date. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const checks: readonly (readonly [string, ...string[]])[] = [
  ['biome', 'ci', '--colors=off', '.'],
  ['tsc', '-p', '.'],
  ['node', 'tools/codegen/main.ts', '--check'],
  ['node', 'tools/codegen/settings.ts', '--check'],
  ['node', 'tools/codegen/cli.ts', '--check'],
];

let failed = false;
for (const [program, ...args] of checks) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  const passed = result.status === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${program} ${args.join(' ')}`);
  failed ||= !passed;
}
process.exitCode = failed ? 1 : 0;
