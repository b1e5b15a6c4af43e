import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  changeConfiguration,
  defaultConfiguration,
  readConfiguration,
  readOrBeginConfiguration,
  selectContext,
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

test('only its owner can read what is written', async () => {
  const path = join(folder, 'new', 'config');
  await changeConfiguration(path, (before) => before, readOrBeginConfiguration);
  expect(readConfiguration(path)).toEqual(defaultConfiguration);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'new'))).toEqual(['config']);
});

test('a change waits for another one, and not for one whose maker is gone', async () => {
  const path = join(folder, 'locked');
  const order: string[] = [];
  const change = (currentContext: string) =>
    changeConfiguration(
      path,
      (before) => ({ ...before, currentContext }),
      (file) => {
        order.push(`${currentContext} reads`);
        return readOrBeginConfiguration(file);
      },
    );
  await change('first');
  mkdirSync(`${path}.lock`);
  const second = change('second');
  await new Promise(setImmediate);
  order.push('the other one is done');
  rmSync(`${path}.lock`, { recursive: true });
  await second;
  expect(order).toEqual(['first reads', 'the other one is done', 'second reads']);
  expect(readConfiguration(path).currentContext).toBe('second');
  mkdirSync(`${path}.lock`);
  utimesSync(`${path}.lock`, 1, 1);
  await change('third');
  expect(readConfiguration(path).currentContext).toBe('third');
});

test('a change that is refused leaves the file as it was, and no lock', async () => {
  const path = join(folder, 'new', 'config');
  const refused = changeConfiguration(path, () => {
    throw new Error('refused');
  });
  await expect(refused).rejects.toThrow('refused');
  expect(readConfiguration(path)).toEqual(defaultConfiguration);
  expect(readdirSync(join(folder, 'new'))).toEqual(['config']);
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
