import { expect, test } from 'vitest';
import { fillTemplate, parseDocuments } from './documents.ts';

test('variables are replaced, and one that is missing is left as it stands', () => {
  expect(fillTemplate('{{ name }} {{name}} {{ other.key }}', { name: 'web' })).toBe('web web {{ other.key }}');
});

test('several documents of one file are told apart, empty ones are passed over', () => {
  const documents = parseDocuments([{ source: 'a.yaml', text: 'type: Mesh\nname: a\n---\n---\ntype: Mesh\nname: b\n' }], {});
  expect(documents.map((document) => [document.source, document.value.name])).toEqual([
    ['a.yaml (document 1)', 'a'],
    ['a.yaml (document 3)', 'b'],
  ]);
});

test('every broken document is reported, not the first alone', () => {
  const inputs = [
    { source: 'a.yaml', text: 'type: [' },
    { source: 'b.yaml', text: 'just text' },
  ];
  expect(() => parseDocuments(inputs, {})).toThrow(/a\.yaml: .*line 1, column 8\n.*b\.yaml: expected a resource/);
});

test('input without any resource is an error', () => {
  expect(() => parseDocuments([{ source: 'a.yaml', text: '# nothing\n' }], {})).toThrow(/no resource/);
});
