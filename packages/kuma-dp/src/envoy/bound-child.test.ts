import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../testing/until.ts';

const module = new URL('./bound-child.ts', import.meta.url);
const seconds = `600.${process.pid}`;

/** Starts a child and is killed at once. */
const shortLived = `
import { findBinding, spawnBound } from '${module}';
spawnBound(await findBinding(), 'sleep', ['${seconds}'], { stdio: 'ignore' });
process.kill(process.pid, 'SIGKILL');
`;

/** Those that are being started, too. */
function children(): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const isChild = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(seconds);
    } catch {
      return false;
    }
  };
  return pids.filter(isChild).map(Number);
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bound-child-'));
});
afterEach(() => {
  for (const pid of children()) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

test.runIf(process.platform === 'linux')(
  'a child goes with its parent, even if that is killed before the kernel knows that it should',
  async () => {
    const real = execFileSync('/bin/sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' }).trim();
    writeFileSync(join(folder, 'setpriv'), `#!/bin/sh\nsleep 0.3\nexec ${real} "$@"\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const parent = spawn(process.execPath, ['--input-type=module', '-e', shortLived], { stdio: 'inherit', env });
    const [, signal] = await once(parent, 'exit');
    expect(signal).toBe('SIGKILL');
    await until('the end of the child', () => children().length === 0);
  },
);
