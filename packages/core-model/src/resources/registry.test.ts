import { expect, test } from 'vitest';
import { kindByName, kindByPath, kindByShortName, kinds, policyKinds } from './registry.ts';

test('a kind is found by name, path, alias and short name', () => {
  const timeout = kindByName('MeshTimeout');
  expect(timeout).toMatchObject({ path: 'meshtimeouts', shortName: 'mt', scope: 'Mesh', shape: 'Spec' });
  expect(kindByPath('meshtimeouts')).toBe(timeout);
  expect(kindByShortName('mt')).toBe(timeout);
  expect(kindByPath('globalsecrets')).toBe(kindByName('GlobalSecret'));
  expect(kindByShortName('')).toBeUndefined();
});

test('no two kinds share a path or a short name', () => {
  const paths = kinds.flatMap((kind) => [kind.path, ...kind.pathAliases]);
  const shortNames = kinds.flatMap(({ shortName }) => shortName || []);
  expect(new Set(paths).size).toBe(paths.length);
  expect(new Set(shortNames).size).toBe(shortNames.length);
});

test('policies have their roles as the HTTP API lists them', () => {
  const roles = policyKinds.map(({ name, policy }) => {
    const { hasTo, hasFrom, hasRules, fromAsRules } = policy!;
    return [name, hasTo && 't', hasFrom && 'f', hasRules && 'r', fromAsRules && 'as'].filter(Boolean).join(' ');
  });
  expect(roles).toEqual(
    expect.arrayContaining([
      'MeshTimeout t f r as',
      'MeshCircuitBreaker t f r as',
      'MeshRetry t',
      'MeshTrafficPermission f r',
      'MeshHTTPRoute t',
    ]),
  );
});
