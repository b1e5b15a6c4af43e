import { expect, test } from 'vitest';
import { type OtelBackendResource, otelBackendKind, referredBackend } from './otel-backends.ts';

const kind = otelBackendKind;
const plain = backend('main', { tier: 'a' });
const synchronized = backend('main-4f2c', { tier: 'a', 'kuma.io/display-name': 'main' });

test('a collector is found by its name, or by its labels, the first one where several have them', () => {
  expect(referredBackend([synchronized, plain], { kind, name: 'main' })).toBe(plain);
  expect(referredBackend([synchronized, plain], { kind, labels: { tier: 'a' } })).toBe(synchronized);
  expect(referredBackend([plain], { kind, labels: { tier: 'b' } })).toBeUndefined();
});

test('the display name is the name where no label says another one', () => {
  const labels = { 'kuma.io/display-name': 'main' };
  expect(referredBackend([plain], { kind, labels })).toBe(plain);
  expect(referredBackend([plain], { kind, labels: { ...labels, tier: 'b' } })).toBeUndefined();
  expect(referredBackend([synchronized], { kind, labels })).toBe(synchronized);
  expect(referredBackend([synchronized], { kind, labels: { 'kuma.io/display-name': 'main-4f2c' } })).toBeUndefined();
});

function backend(name: string, labels: OtelBackendResource['labels']): OtelBackendResource {
  const time = '2026-01-01T00:00:00Z';
  return { type: kind, mesh: 'm', name, labels, spec: {}, creationTime: time, modificationTime: time, revision: 1 };
}
