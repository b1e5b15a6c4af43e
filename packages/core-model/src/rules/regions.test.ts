import { describe, expect, it } from 'vitest';
import { regionsOf } from './regions.ts';

const divide = (items: Record<string, Record<string, string>>) =>
  regionsOf(Object.keys(items), (name) => items[name]!).map(({ matchers, items: names }) => [
    matchers.map(({ key, value, not }) => `${key}${not ? '!=' : '='}${value}`).join(' '),
    names,
  ]);

describe('regions of traffic', () => {
  it('is one for everything when nothing is told apart', () => {
    expect(divide({ all: {} })).toEqual([['', ['all']]]);
  });

  it('has one for each value and one for the rest', () => {
    expect(divide({ all: {}, web: { s: 'web' }, api: { s: 'api' } })).toEqual([
      ['s=api', ['all', 'api']],
      ['s=web', ['all', 'web']],
      ['s!=api s!=web', ['all']],
    ]);
  });

  it('leaves out what no item is for', () => {
    expect(divide({ web: { s: 'web', v: '1' } })).toEqual([['s=web v=1', ['web']]]);
  });

  it('lists items as they stand where they would make too many regions', () => {
    const tags = Array.from({ length: 20 }, (_, i) => [`item-${i}`, { [`tag-${i}`]: 'x' }] as const);
    expect(divide(Object.fromEntries(tags))).toEqual(tags.map(([name], i) => [`tag-${i}=x`, [name]]));
  });
});
