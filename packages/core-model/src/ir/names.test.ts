import { expect, test } from 'vitest';
import { serverName } from './names.ts';

test('a server name lists the mesh and what narrows the service', () => {
  expect(serverName('default', 'backend', {})).toBe('backend{mesh=default}');
  expect(serverName('default', 'backend', { version: 'v1', env: 'x' })).toBe('backend{env=x,mesh=default,version=v1}');
});

test('a server name that would be longer than TLS has it is cut, and tells one destination from another all the same', () => {
  const longest = 'x'.repeat(255 - 'backend{build=,mesh=default}'.length);
  expect(serverName('default', 'backend', { build: longest })).toBe(`backend{build=${longest},mesh=default}`);
  const names = [
    serverName('default', 'backend', { build: `${longest}1` }),
    serverName('default', 'backend', { build: `${longest}2` }),
    serverName('other', 'backend', { build: `${longest}1` }),
    serverName('default', 's'.repeat(300), {}),
  ];
  expect(names.map((name) => name.length <= 255)).toEqual([true, true, true, true]);
  expect(new Set(names).size).toBe(4);
  expect(names[0]).toMatch(/^backend-[0-9a-f]{16}$/);
});
