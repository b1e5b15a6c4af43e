import { expect, test } from 'vitest';
import { parsePairs, parseTags } from './pairs.ts';

test.each([
  [['a=b', 'c=d'], { a: 'b', c: 'd' }],
  [['a=b,c=d'], { a: 'b', c: 'd' }],
  [['a=b,c'], { a: 'b,c' }],
  [['a=b=='], { a: 'b==' }],
  [['"a=b=1,c=2",d=e'], { a: 'b=1,c=2', d: 'e' }],
  [['a='], { a: '' }],
])('%j', (texts, pairs) => {
  expect(parsePairs('--var', texts)).toEqual(pairs);
});

test.each(['a', '=a', 'a=b,c,d=e', 'a=b,=c'])('%s is no pair', (text) => {
  expect(() => parsePairs('--var', [text])).toThrow('--var needs the form key=value; got "');
});

test('what may be secret is not shown', () => {
  expect(() => parsePairs('--auth-conf', ['secret'])).toThrow(/key=value$/);
});

test('values of a tag stand between commas, and so do tags', () => {
  expect(parseTags(['a=b,c', 'a=d', 'e=f,g=h'])).toEqual({ a: ['b', 'c', 'd'], e: ['f'], g: ['h'] });
});
