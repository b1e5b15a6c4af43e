import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguration, selectContext } from './config-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'kumactl-'));

test('first use makes a configuration for a local control plane that only its owner can read', () => {
  const path = join(folder, 'new', 'config');
  const configuration = readConfiguration(path);
  expect(selectContext(configuration, undefined).server.url).toBe('http://localhost:5681');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('an unknown context names those that are known', () => {
  const configuration = readConfiguration(join(folder, 'new', 'config'));
  expect(() => selectContext(configuration, 'prod')).toThrow('there is no context "prod"; known: local');
});

test('a file that is not YAML is named', () => {
  const path = join(folder, 'broken');
  writeFileSync(path, 'a: [');
  expect(() => readConfiguration(path)).toThrow(path);
});
