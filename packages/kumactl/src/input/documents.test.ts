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

test('keys << take over what an anchor says', () => {
  const text = 'a: &base {x: 1, y: 2}\nb:\n  <<: *base\n  y: 3\n';
  expect(parseDocuments([{ source: 'a.yaml', text }], {})[0]!.value).toEqual({ a: { x: 1, y: 2 }, b: { x: 1, y: 3 } });
});

test.each([
  ['an anchor that is not there', 'spec: *nothing\n', 'Unresolved alias (the anchor must be set before the alias): nothing'],
  ['something that is no map to take over', 'spec:\n  <<: 5\n', 'Merge sources must be maps or map aliases'],
  ['a key that is a list', '? [a]\n: 1\n', 'a key must be text, not ["a"]'],
])('%s is reported with its place, beside what is wrong elsewhere', (_, text, said) => {
  const inputs = [
    { source: 'a.yaml', text },
    { source: 'b.yaml', text: 'a: 1\na: 2\n' },
  ];
  expect(() => parseDocuments(inputs, {})).toThrow(
    `invalid YAML, nothing was applied\n* a.yaml: ${said}\n* b.yaml: Map keys must be unique at line 2, column 1`,
  );
});

test('what follows from a first mistake is not reported', () => {
  const text = 'type: Mesh\nname: {{ name }}-1\nspec:\n  a: {b: c}\n  d: e\n';
  expect(() => parseDocuments([{ source: 'a.yaml', text }], {})).toThrow(
    /applied\n\* a\.yaml: [^\n]+ at line 2, column 17\n\* a\.yaml: \{\{ name \}\} has no value; give it with --var name=\.\.\.$/,
  );
});

test('a variable that has no value is told where braces make no text', () => {
  const text = 'type: Mesh\nname: {{ name }}\nscript: "{{ kept }}"\n';
  expect(() => parseDocuments([{ source: 'a.yaml', text }], {})).toThrow('a.yaml: {{ name }} has no value');
  expect(parseDocuments([{ source: 'a.yaml', text }], { name: 'web' })[0]!.value).toMatchObject({ script: '{{ kept }}' });
});
