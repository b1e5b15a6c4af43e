import { expect, test } from 'vitest';
import { commandFirst } from './command-first.ts';

const commands = {
  get: { flags: { mesh: { type: 'option', char: 'm' }, context: { type: 'option' }, 'no-config': { type: 'boolean' } } },
  inspect: {},
  'inspect:dataplanes': { flags: { gateway: { type: 'boolean' } } },
};

test.each([
  ['--context prod get meshes', 'get --context prod meshes'],
  ['--context=prod --no-config get meshes', 'get --context=prod --no-config meshes'],
  ['-m get get dataplanes', 'get -m get dataplanes'],
  ['inspect --mesh m dataplanes --gateway', 'inspect dataplanes --mesh m --gateway'],
  ['get meshes -m inspect', 'get meshes -m inspect'],
  ['get -- --context', 'get -- --context'],
  ['--version', '--version'],
  ['unknown --context x', 'unknown --context x'],
  ['--context', '--context'],
  ['', ''],
])('%j is read as %j', (given, read) => {
  expect(commandFirst(given.split(' ').filter(Boolean), commands)).toEqual(read.split(' ').filter(Boolean));
});
