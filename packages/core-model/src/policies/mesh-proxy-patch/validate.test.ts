import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

const value = 'name: x';
const at = 'spec.default.appendModifications[0]';

function fields(modification: object): string[] {
  const spec = { default: { appendModifications: [modification] } };
  const parsed = parseResource({ type: 'MeshProxyPatch', mesh: 'default', name: 'a', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

test.each<[string, object, string[]]>([
  ['a new cluster', { cluster: { operation: 'Add', value } }, []],
  ['a merge into some clusters', { cluster: { operation: 'Patch', match: { origin: 'inbound' }, value } }, []],
  ['steps', { listener: { operation: 'Patch', jsonPatches: [{ op: 'add', path: '/name', value: 'x' }] } }, []],
  ['a step that moves', { cluster: { operation: 'Patch', jsonPatches: [{ op: 'move', path: '/a', from: '/b~1c' }] } }, []],
  ['a virtual host in some', { virtualHost: { operation: 'Add', match: { routeConfigurationName: 'r' }, value } }, []],
  ['all filters removed', { httpFilter: { operation: 'Remove' } }, []],
  ['nothing', {}, [at]],
  ['two at once', { cluster: { operation: 'Remove' }, listener: { operation: 'Remove' } }, [at]],
  ['no operation', { cluster: { value } }, [`${at}.cluster.operation`]],
  ['an operation of filters', { cluster: { operation: 'AddFirst', value } }, [`${at}.cluster.operation`]],
  ['nothing to add', { networkFilter: { operation: 'AddLast' } }, [`${at}.networkFilter.value`]],
  ['a match of what is new', { listener: { operation: 'Add', match: { name: 'x' }, value } }, [`${at}.listener.match`]],
  [
    'the name of a new virtual host',
    { virtualHost: { operation: 'Add', match: { name: 'x' }, value } },
    [`${at}.virtualHost.match.name`],
  ],
  [
    'no neighbour',
    { httpFilter: { operation: 'AddBefore', match: { origin: 'inbound' }, value } },
    [`${at}.httpFilter.match.name`],
  ],
  ['no filter to patch', { networkFilter: { operation: 'Patch', value } }, [`${at}.networkFilter.match.name`]],
  ['a value to remove', { cluster: { operation: 'Remove', value } }, [`${at}.cluster.value`]],
  ['neither value nor steps', { cluster: { operation: 'Patch' } }, [`${at}.cluster`]],
  ['no steps', { cluster: { operation: 'Patch', jsonPatches: [] } }, [`${at}.cluster`]],
  [
    'both value and steps',
    { cluster: { operation: 'Patch', value, jsonPatches: [{ op: 'remove', path: '/a' }] } },
    [`${at}.cluster`],
  ],
  [
    'bad steps',
    {
      cluster: {
        operation: 'Patch',
        jsonPatches: [
          { op: 'test', path: 'a', value: 1 },
          { op: 'add', path: 'a', value: 1 },
          { op: 'remove', path: '' },
          { op: 'copy', path: '/a' },
          { op: 'replace', path: '/a', from: '/b' },
          { op: 'remove', path: '/a', value: 1 },
        ],
      },
    },
    ['[0].op', '[0].path', '[1].path', '[2].path', '[3].from', '[4].from', '[4].value', '[5].value'].map(
      (step) => `${at}.cluster.jsonPatches${step}`,
    ),
  ],
])('with %s', (_, modification, problems) => {
  expect(fields(modification)).toEqual(problems);
});

test('a policy without modifications is refused', () => {
  const parsed = parseResource({ type: 'MeshProxyPatch', mesh: 'default', name: 'a', spec: { default: {} } });
  expect(parsed).toMatchObject({ ok: false, problems: [{ field: 'spec.default.appendModifications' }] });
});
