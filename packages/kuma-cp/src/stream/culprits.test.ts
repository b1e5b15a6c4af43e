import { expect, test } from 'vitest';
import { culpritsNamed, wordsAbout } from './culprits.ts';
import { cluster } from './testing/resources.ts';

const all = ['a', 'a:1', 'b-a', 'b'].map((name) => cluster(name));

function words(message: string): Record<string, string> {
  const named = culpritsNamed(
    message,
    all.map(({ name }) => name),
  );
  const culprits = all.filter(({ name }) => named.includes(name));
  return Object.fromEntries(culprits.map((culprit) => [culprit.name, wordsAbout(message, culprit, culprits)]));
}

test.each<[string, string, Record<string, string>]>([
  ['clusters', 'Error adding/updating cluster(s) a: no, not so, b-a: why: b', { a: 'no, not so', 'b-a': 'why: b' }],
  ['listeners', 'Error adding/updating listener(s) b: script:1: x\na:1: in use\n', { b: 'script:1: x', 'a:1': 'in use' }],
  ['nobody', 'Proto constraint validation failed', {}],
])("Envoy's words about %s are told apart", (_, message, expected) => {
  expect(words(message)).toEqual(expected);
});

test('all of a rejection is about the only resource that it can be about', () => {
  expect(wordsAbout('no such luck\n', all[0]!, all.slice(0, 1))).toBe('no such luck');
});

test('what is wrong is told without the resource that Envoy writes out in front of it', () => {
  const text =
    'goo.gle/debugstr  \nname: "a"\nroutes {\n}\n: Proto constraint validation failed (Routes[0]: value is required)\n';
  expect(wordsAbout(text, all[0]!, all.slice(0, 1))).toBe('Proto constraint validation failed (Routes[0]: value is required)');
  const several = `Error adding/updating listener(s) a: ${text}b: in use`;
  expect(words(several)).toEqual({ a: 'Proto constraint validation failed (Routes[0]: value is required)', b: 'in use' });
});
