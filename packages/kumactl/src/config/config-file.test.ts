import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  defaultConfiguration,
  readConfiguration,
  readOrBeginConfiguration,
  selectContext,
  writeConfiguration,
} from './config-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'kumactl-'));

test('before there is a configuration, a local control plane is meant', () => {
  process.env.HOME = join(folder, 'home');
  const configuration = readConfiguration(join(homedir(), '.kumactl', 'config'));
  expect(selectContext(configuration, undefined).server.url).toBe('http://localhost:5681');
  expect(existsSync(process.env.HOME)).toBe(false);
});

test('a file that was named and is not there is an error, but for who makes one', () => {
  const path = join(folder, 'misspelt');
  expect(() => readConfiguration(path)).toThrow(`there is no configuration file ${path}`);
  expect(readOrBeginConfiguration(path)).toEqual(defaultConfiguration);
  expect(existsSync(path)).toBe(false);
});

test('only its owner can read what is written', () => {
  const path = join(folder, 'new', 'config');
  writeConfiguration(path, defaultConfiguration);
  expect(readConfiguration(path)).toEqual(defaultConfiguration);
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
