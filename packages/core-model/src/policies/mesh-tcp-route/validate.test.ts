import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

function fields(rules: unknown): string[] {
  const spec = { to: [{ targetRef: { kind: 'MeshService', name: 'db' }, rules }] };
  const parsed = parseResource({ type: 'MeshTCPRoute', mesh: 'default', name: 'r', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

const refs = (backendRefs: unknown) => [{ default: { backendRefs } }];
const subset = { kind: 'MeshServiceSubset', name: 'db', tags: { v: '1' }, weight: 90 };

test.each<[string, unknown, string[]]>([
  ['a split', refs([subset, { ...subset, weight: 10 }]), []],
  ['no rules at all', undefined, ['spec.to[0].rules']],
  ['two rules', [...refs([subset]), ...refs([subset])], ['spec.to[0].rules']],
  [
    'two rules, and a nameless destination',
    [...refs([subset]), ...refs([{ kind: 'MeshService' }])],
    ['spec.to[0].rules', 'spec.to[0].rules[1].default.backendRefs[0].name'],
  ],
  ['no destination but the original one', refs([]), []],
  ['nothing said of the destination', [{ default: {} }], []],
  ['a negative weight', refs([{ ...subset, weight: -1 }]), ['spec.to[0].rules[0].default.backendRefs[0].weight']],
  [
    'weights that are too large together',
    refs([
      { ...subset, weight: 2 ** 31 },
      { ...subset, weight: 2 ** 31 },
    ]),
    ['spec.to[0].rules[0].default.backendRefs'],
  ],
  ['a mesh as destination', refs([{ kind: 'Mesh' }]), ['spec.to[0].rules[0].default.backendRefs[0].kind']],
  ['a nameless destination', refs([{ kind: 'MeshService' }]), ['spec.to[0].rules[0].default.backendRefs[0].name']],
  ['a port of a service in many zones', refs([{ kind: 'MeshMultiZoneService', name: 'db', port: 5432 }]), []],
  [
    'a service in many zones without a port',
    refs([{ kind: 'MeshMultiZoneService', name: 'db' }]),
    ['spec.to[0].rules[0].default.backendRefs[0].port'],
  ],
])('with %s', (_, rules, at) => {
  expect(fields(rules)).toEqual(at);
});
