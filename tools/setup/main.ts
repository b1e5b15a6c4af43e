/**
 * Makes a checkout runnable: generated code, bundles, the Envoy binary. Does only what its inputs say is stale, so that
 * every script can call it first.
 *
 *   steps.ts (what there is to do) -> stamp.ts (is it stale?) -> run, in parallel where nothing depends
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { contentHash } from './stamp.ts';
import { type Step, steps } from './steps.ts';

const root = join(import.meta.dirname, '..', '..');
const stampFile = join(root, '.cache', 'setup.json');
const stamps: Record<string, string> = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};
const done = new Map<string, Promise<string>>();

function saveStamps(): void {
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(`${stampFile}.${process.pid}`, JSON.stringify(stamps, null, 2));
  renameSync(`${stampFile}.${process.pid}`, stampFile);
}

function execute(step: Step): Promise<void> {
  const [program, ...args] = step.command;
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(program, args, {
    cwd: join(root, step.cwd ?? '.'),
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      reject(new Error(`set-up step "${step.name}" failed (${step.command.join(' ')}):\n${Buffer.concat(output).toString()}`));
    });
  });
}

/** @returns the step's stamp, once it holds */
function run(step: Step): Promise<string> {
  const known = done.get(step.name);
  if (known) return known;
  const running = (async () => {
    const before = await Promise.all(step.after.map((name) => run(steps.find((other) => other.name === name)!)));
    const stamp = contentHash(root, step.inputs, [step.command.join(' '), ...before]);
    const fresh = stamps[step.name] === stamp && step.outputs.every((output) => existsSync(join(root, output)));
    if (fresh) return stamp;
    const started = performance.now();
    await execute(step);
    stamps[step.name] = stamp;
    saveStamps();
    process.stderr.write(`set-up: ${step.name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
    return stamp;
  })();
  done.set(step.name, running);
  return running;
}

const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? steps : steps.filter((step) => wanted.includes(step.name));
const results = await Promise.allSettled(chosen.map(run));
const failures = new Set(results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason.message)] : [])));
for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exitCode = failures.size > 0 ? 1 : 0;
