/**
 * `pnpm bench [SUITE …] [--rounds N] [--json FILE]` measures; `pnpm bench compare A.json B.json` compares two runs.
 * Figures are for reading, never for assertions: only those of one run on one machine compare.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figure, printComparison, printFigures } from './figures.ts';
import { effect } from './suites/effect.ts';
import { programs } from './suites/programs.ts';
import { scale } from './suites/scale.ts';

const suites: Readonly<Record<string, (rounds: number) => Promise<readonly Figure[]>>> = { programs, effect, scale };

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
});

if (positionals[0] === 'compare') {
  const [before, after] = positionals.slice(1, 3).map((file) => JSON.parse(readFileSync(file, 'utf8')) as { figures: Figure[] });
  if (!before || !after) throw new Error('compare needs two files that --json wrote');
  printComparison(before.figures, after.figures);
} else {
  const unknown = positionals.filter((name) => !suites[name]);
  if (unknown.length > 0) throw new Error(`there is no suite ${unknown.join(', ')}; suites: ${Object.keys(suites).join(', ')}`);
  const chosen = positionals.length > 0 ? positionals : Object.keys(suites);
  const figures: Figure[] = [];
  for (const name of chosen) {
    process.stderr.write(`measuring ${name} …\n`);
    figures.push(...(await suites[name]!(Number(flags.rounds))));
  }
  printFigures(figures);
  if (flags.json) {
    const machine = { platform: `${process.platform}-${process.arch}`, cores: cpus().length, node: process.version };
    writeFileSync(flags.json, JSON.stringify({ machine, figures }, null, 2));
  }
}
