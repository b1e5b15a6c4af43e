import { describe, expect, it } from 'vitest';
import { parseEnvoyLine } from './envoy-lines.ts';
import { humanLine } from './human-line.ts';

describe('a line of Envoy', () => {
  it.each([
    ['~|info|main|a|b', { level: 'info', component: 'main', message: 'a|b' }],
    ['~|warning|config|first\\nsecond', { level: 'warn', component: 'config', message: 'first\nsecond' }],
    ['~|critical|main|say \\"no\\"', { level: 'fatal', component: 'main', message: 'say "no"' }],
    ['PARSE ERROR: Argument: --x', { level: 'warn', message: 'PARSE ERROR: Argument: --x' }],
  ])('%j keeps level, component and message', (line, expected) => {
    expect(parseEnvoyLine(line)).toEqual(expected);
  });
});

it('a line for people has time, level, source, message and fields', () => {
  const line = humanLine(
    '{"level":"warn","time":"2026-01-02T03:04:05.678Z","logger":"envoy","component":"main","msg":"hello","n":1}\n',
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  expect(line.replace(/\u001b\[\d+m/g, '')).toBe('03:04:05.678 WARN  [envoy] hello component=main n=1\n');
});
