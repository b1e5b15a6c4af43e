import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { EnvoyLog, parseEnvoyLine } from './envoy-lines.ts';
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

  it('in which a control plane refuses the token is readable and says what to do', () => {
    const line =
      '~|warning|config|DeltaAggregatedResources gRPC config stream to ads_cluster closed: 2, the%20dataplane%20token%20of%20%22default%22%20has%20expired{via_upstream}';
    expect(parseEnvoyLine(line).message).toMatch(
      /closed: 2, the dataplane token of "default" has expired; make another with "kumactl generate dataplane-token"/,
    );
  });
});

it('a line for people has time, level, source, message and fields', () => {
  const line = humanLine(
    '{"level":"warn","time":"2026-01-02T03:04:05.678Z","logger":"envoy","component":"main","msg":"hello","n":1}\n',
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  expect(line.replace(/\u001b\[\d+m/g, '')).toBe('03:04:05.678 WARN  [envoy] hello component=main n=1\n');
});

function logged(lines: readonly string[]): readonly string[] {
  const said: string[] = [];
  const log = new EnvoyLog(pino({ base: null, timestamp: false }, { write: (line: string) => said.push(line) }));
  for (const line of lines) log.write(line);
  return said.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

it('leaves out the list of extensions, and nothing else', () => {
  expect(
    logged([
      '~|info|main|statically linked extensions:',
      '~|info|main|  envoy.http.stateful_header_formatters: preserve_case',
      '~|info|main|starting main dispatch loop',
    ]),
  ).toEqual(['starting main dispatch loop']);
});

it('says nothing of a changed cluster that keeps its endpoints, and once in a while what a collector does not take', () => {
  const timedOut = 'gRPC config: initial fetch timed out for type.googleapis.com/envoy.config';
  const refused = 'OTLP HTTP access log exporter received a non-success status code: 503 while exporting the OTLP message';
  expect(
    logged([
      `~|warning|config|${timedOut}.endpoint.v3.ClusterLoadAssignment`,
      `~|warning|config|${timedOut}.listener.v3.Listener`,
      ...Array.from({ length: 3 }, () => `~|error|misc|${refused}`),
      '~|error|misc|OTLP HTTP exporter failed: [cluster = a] is not configured',
    ]),
  ).toEqual([`${timedOut}.listener.v3.Listener`, refused, 'OTLP HTTP exporter failed: [cluster = a] is not configured']);
});
