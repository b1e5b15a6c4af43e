import { expect, test } from 'vitest';
import { readDraft } from './read-draft.ts';
import { ResourceError } from './resource-error.ts';

test('a patch is held against our definitions and Envoy’s, and all problems are told at once', () => {
  const json = {
    type: 'MeshProxyPatch',
    mesh: 'default',
    name: 'Bad',
    spec: {
      default: {
        appendModifications: [
          { cluster: { operation: 'Add', value: 'name: x\nconnectTimeot: 5s' } },
          { listener: { operation: 'Patch', match: { name: 'x' }, jsonPatches: [{ op: 'add', path: '/nam', value: 'y' }] } },
          { httpFilter: { operation: 'AddBefore', value: '{name: x, typedConfig: {"@type": nothing}}' } },
        ],
      },
    },
  };
  let fields: string[] = [];
  try {
    readDraft(json, {});
  } catch (error) {
    if (!(error instanceof ResourceError)) throw error;
    fields = error.problems.map(({ field }) => field);
  }
  const at = 'spec.default.appendModifications';
  expect(fields).toEqual([
    'name',
    `${at}[2].httpFilter.match.name`,
    `${at}[0].cluster.value`,
    `${at}[1].listener.jsonPatches[0].path`,
    `${at}[2].httpFilter.value`,
  ]);
});
