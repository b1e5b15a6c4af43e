import { expect, test } from 'vitest';
import { createLogger, type LogLevel } from './logger.ts';

function capture(options: { readonly level?: LogLevel; readonly human?: boolean } = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', human: false, ...options, output: { write: (line) => void lines.push(line) } });
  return { log, lines };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const plain = (line: string) => line.replaceAll(/\u001b\[\d+m/g, '');

test('lines are JSON with a level in words and a time', () => {
  const { log, lines } = capture();
  log.child({ part: 'api' }).warn({ port: 5681 }, 'listening');
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    part: 'api',
    port: 5681,
    msg: 'listening',
  });
});

test('lines below the level are not written, and none at all when it is off', () => {
  const quiet = capture({ level: 'warn' });
  quiet.log.info('no');
  quiet.log.error('yes');
  expect(quiet.lines).toHaveLength(1);
  const off = capture({ level: 'off' });
  off.log.fatal('no');
  expect(off.lines).toEqual([]);
});

test('tokens and keys are hidden, also below other fields', () => {
  const { log, lines } = capture();
  log.info({ token: 'hunter2', request: { headers: { authorization: 'Bearer hunter2' } }, secret: { data: 'hunter2' } }, 'seen');
  expect(lines.join()).not.toContain('hunter2');
  expect(lines.join()).toContain('(hidden)');
});

test('people read one line, with the stack of an error below it', () => {
  const { log, lines } = capture({ human: true });
  log.child({ part: 'api' }).info({ port: 5681, path: 'a b' }, 'listening');
  expect(plain(lines[0]!)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}\[api\] listening port=5681 path="a b"\n$/);
  log.error({ err: new Error('broken') }, 'failed');
  expect(plain(lines[1]!)).toMatch(/ERROR failed\n {4}Error: broken\n {8}at /);
});

test('a value from outside cannot begin a line of its own', () => {
  const { log, lines } = capture({ human: true });
  log.info({ name: 'web\n12:00:00.000 INFO forged' }, 'seen');
  expect(lines[0]!.trimEnd().split('\n')).toHaveLength(1);
});
