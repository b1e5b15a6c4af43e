import { expect, test } from 'vitest';
import { parseResource } from '../resources/parse.ts';

const named = { kind: 'MeshOpenTelemetryBackend', name: 'otel' };
const at = 'default.backends[0].openTelemetry';

/** A backend stands at the same place in all three policies; what differs is where their configuration stands. */
const policies: [string, string, (conf: object) => object][] = [
  ['MeshMetric', `spec.${at}`, (conf) => ({ default: conf })],
  ['MeshTrace', `spec.${at}`, (conf) => ({ default: conf })],
  ['MeshAccessLog', `spec.rules[0].${at}`, (conf) => ({ rules: [{ default: conf }] })],
];

test.each(policies)('%s has either the endpoint of a collector or a reference to it', (type, where, specOf) => {
  const read = (openTelemetry: object) => {
    const spec = specOf({ backends: [{ type: 'OpenTelemetry', openTelemetry }] });
    const parsed = parseResource({ type, mesh: 'default', name: 'a', spec });
    return parsed.ok ? parsed.warnings : parsed.problems.map(({ field }) => field);
  };
  expect(read({ backendRef: named })).toEqual([]);
  expect(read({ backendRef: { kind: named.kind, labels: { tier: 'a' } } })).toEqual([]);
  expect(read({ endpoint: 'otel:4317' })).toEqual([
    `field '${where}.endpoint' is deprecated: use backendRef and a MeshOpenTelemetryBackend`,
  ]);
  expect(read({})).toEqual([where]);
  expect(read({ endpoint: 'otel:4317', backendRef: named })).toEqual([where]);
  expect(read({ backendRef: { ...named, labels: { tier: 'a' } } })).toEqual([`${where}.backendRef`]);
  expect(read({ backendRef: { kind: named.kind } })).toEqual([`${where}.backendRef`]);
  expect(read({ backendRef: { kind: 'MeshService', name: 'otel' } })).toEqual([`${where}.backendRef.kind`]);
  expect(read({ backendRef: { ...named, port: 4317 } })).toEqual([`${where}.backendRef.port`]);
});
