/**
 * `pnpm bench [SUITE …] [options]` measures, `pnpm bench compare A.json B.json` compares two runs; see docs/benchmark.md.
 * Figures are for reading, never for assertions: only those of one run on one machine compare.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import giveTemporaryFolder from '../fixtures/temporary-folder.ts';
import { type Figure, printComparison, printFigures } from './figures.ts';
import { type StoreName, storeNames } from './measure/stores.ts';
import { chaos } from './suites/chaos.ts';
import { crowd } from './suites/crowd.ts';
import { effect } from './suites/effect.ts';
import { policies } from './suites/policies.ts';
import { programs } from './suites/programs.ts';
import { rules } from './suites/rules.ts';
import { type ScaleOptions, scale } from './suites/scale.ts';

const suites: Readonly<Record<string, (options: ScaleOptions) => Promise<readonly Figure[]>>> = {
  scale,
  policies,
  programs: ({ rounds }) => programs(rounds),
  effect: ({ rounds }) => effect(rounds),
  crowd: ({ rounds }) => crowd(rounds),
  rules: ({ rounds }) => rules(rounds),
  chaos: ({ proxies: [sidecars = 200], services, outbounds }) =>
    chaos({
      sidecars,
      services,
      outbounds,
      every: count('--every', flags.every) * 1000,
      length: count('--minutes', flags.minutes) * 60_000,
    }),
};

const { values: flags, positionals } = readArguments();
if (flags.help) console.log(usage());
else if (positionals[0] === 'compare') compare(positionals.slice(1));
else await measure(positionals.length > 0 ? positionals : ['scale'], readOptions());

async function measure(names: readonly string[], options: ScaleOptions): Promise<void> {
  const unknown = names.filter((name) => !suites[name]);
  if (unknown.length > 0) fail(`there is no suite ${unknown.join(', ')}; suites: ${Object.keys(suites).join(', ')}`);
  process.once('exit', giveTemporaryFolder());
  const figures: Figure[] = [];
  for (const name of names) {
    process.stderr.write(`measuring ${name} …\n`);
    figures.push(...(await suites[name]!(options)));
  }
  printFigures(figures);
  if (flags.json) {
    const machine = { platform: `${process.platform}-${process.arch}`, cores: cpus().length, node: process.version };
    writeFileSync(flags.json, JSON.stringify({ machine, options, figures }, null, 2));
  }
}

function compare(files: readonly string[]): void {
  const [before, after] = files;
  if (before === undefined || after === undefined || files.length > 2) fail('compare needs two files that --json wrote');
  printComparison(figuresIn(before), figuresIn(after));
}

function figuresIn(file: string): readonly Figure[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { figures: readonly Figure[] }).figures;
  } catch (error) {
    fail(`${file}: expected a file that --json wrote (${(error as Error).message})`);
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        proxies: { type: 'string', default: '200' },
        services: { type: 'string', default: '50' },
        outbounds: { type: 'string', default: '10' },
        policies: { type: 'string', default: '0' },
        store: { type: 'string', default: 'memory' },
        form: { type: 'string', default: 'delta' },
        envoys: { type: 'string', default: '0' },
        rounds: { type: 'string', default: '5' },
        every: { type: 'string', default: '20' },
        minutes: { type: 'string', default: '5' },
        profile: { type: 'string' },
        json: { type: 'string' },
      },
    });
  } catch (error) {
    fail((error as Error).message);
  }
}

function usage(): string {
  return `usage: pnpm bench [${Object.keys(suites).join('|')} …] [options]
       pnpm bench compare A.json B.json

--proxies 200,1000,5000   --services 50   --outbounds 10   --policies 0   --envoys 0   --rounds 5
--store ${storeNames.join('|')}   --form delta|sotw   --json FILE   --profile FOLDER
--every 20   --minutes 5   (chaos)

docs/benchmark.md says what each of them is.`;
}

function fail(message: string): never {
  console.error(`${message}\n\n${usage()}`);
  process.exit(1);
}

function readOptions(): ScaleOptions {
  return {
    proxies: flags.proxies.split(',').map((each) => count('--proxies', each)),
    services: count('--services', flags.services),
    outbounds: count('--outbounds', flags.outbounds),
    policies: count('--policies', flags.policies),
    envoys: count('--envoys', flags.envoys),
    rounds: count('--rounds', flags.rounds),
    store: oneOf<StoreName>('--store', flags.store, storeNames),
    form: oneOf('--form', flags.form, ['delta', 'sotw'] as const),
    profile: flags.profile,
  };
}

function count(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) fail(`${flag} ${text}: expected a number`);
  return Number(text);
}

function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const known = allowed.find((each) => each === text);
  if (known === undefined) fail(`${flag} ${text}: expected one of ${allowed.join(', ')}`);
  return known;
}
