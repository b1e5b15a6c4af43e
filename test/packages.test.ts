import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const packages = [
  { folder: 'kumactl', bin: 'kumactl', args: ['version'], expected: /0\.\d+\.\d+/ },
  { folder: 'kuma-cp', bin: 'kuma-cp', args: ['version'], expected: /0\.\d+\.\d+/ },
  { folder: 'kuma-dp', bin: 'kuma-dp', args: ['version'], expected: /0\.\d+\.\d+/ },
  { folder: 'envoy', bin: 'envoy', args: ['--version'], expected: /1\.40\.0/ },
] as const;

/** The first Node on the caller's own PATH that is too old for us. */
async function oldNode(): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    if (!existsSync(node)) continue;
    const { stdout } = await run(node, ['--version']);
    if (Number(/^v(\d+)/.exec(stdout)?.[1]) < 24) return node;
  }
  return undefined;
}

describe.each(packages)('the tarball of $bin', ({ folder, bin, args, expected }) => {
  const target = mkdtempSync(join(tmpdir(), 'install-'));

  beforeAll(async () => {
    await run('npm', ['pack', '--pack-destination', target], { cwd: join(root, 'packages', folder) });
    const tarball = readdirSync(target).find((file) => file.endsWith('.tgz'))!;
    writeFileSync(join(target, 'package.json'), '{"private": true}');
    await run('npm', ['install', '--no-audit', '--no-fund', join(target, tarball)], { cwd: target });
  });

  test('installs alone into an empty folder and runs there', async () => {
    const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
    const { stdout } = await run(join(target, 'node_modules', '.bin', bin), [...args], {
      env: {
        ...process.env,
        PATH: path,
        HOME: target,
        XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? target, '.cache'),
      },
    });
    expect(stdout).toMatch(expected);
  });

  test('says in one sentence that an older Node will not do', async (context) => {
    const node = await oldNode();
    if (!node) return context.skip('there is no Node older than 24 on PATH');
    const failure = await run(node, [join(target, 'node_modules', '.bin', bin), ...args]).catch(
      (error) => error as { code: number; stderr: string },
    );
    expect(failure).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`^${bin}[^\\n]* needs Node\\.js 24 or newer[^\\n]*\\n$`)),
    });
  });
});
