import { expect, test } from 'vitest';
import { formatTable } from './table.ts';

test('columns line up under the widest cell and rows end without blanks', () => {
  const table = formatTable(
    ['MESH', 'NAME'],
    [
      ['default', 'a'],
      ['m', 'longer-name'],
    ],
  );
  expect(table).toBe('MESH      NAME\ndefault   a\nm         longer-name\n');
});

test('an empty cell shows a dash, so that columns can be counted', () => {
  expect(formatTable(['A', 'B'], [['', 'x']])).toBe('A   B\n-   x\n');
});

test('a list without items still shows its headers', () => {
  expect(formatTable(['NAME', 'AGE'], [])).toBe('NAME   AGE\n');
});
