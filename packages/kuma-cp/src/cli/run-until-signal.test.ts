import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

function start(behaviour: string) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('testing/stubborn-program.ts', import.meta.url)), behaviour]);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  return { child, ended, log: () => log };
}

test('a second signal ends a process that does not come to its end', async () => {
  const { child, ended } = start('never-closes');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  await once(child.stderr, 'data');
  child.kill('SIGTERM');
  expect(await ended).toBe(128 + 15);
});

test.each([
  ['throws', 'thrown beside everything'],
  ['rejects', 'rejected beside everything'],
])('an error that nobody expected (%s) is logged and ends the process with 1', async (behaviour, message) => {
  const { ended, log } = start(behaviour);
  expect(await ended).toBe(1);
  expect(JSON.parse(log().trim().split('\n')[0]!)).toMatchObject({ level: 'fatal', err: { message } });
});
