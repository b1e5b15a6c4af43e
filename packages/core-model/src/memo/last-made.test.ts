import { expect, it } from 'vitest';
import { LastMade } from './last-made.ts';

it('makes a stage again when an input is another, and only then', () => {
  const last = new LastMade();
  const made: string[] = [];
  const stage = (...inputs: unknown[]) =>
    last.of('stage', inputs, () => {
      made.push(inputs.join());
      return inputs.join();
    });
  const object = { toString: () => 'object' };
  expect([stage(object, 1), stage(object, 1), stage(object, 2), stage(object), stage({ toString: () => 'other' })]).toEqual([
    'object,1',
    'object,1',
    'object,2',
    'object',
    'other',
  ]);
  expect(made).toEqual(['object,1', 'object,2', 'object', 'other']);
});

it('tells stages apart', () => {
  const last = new LastMade();
  expect(last.of('a', [], () => 1)).toBe(1);
  expect(last.of('b', [], () => 2)).toBe(2);
  expect(last.of('a', [], () => 3)).toBe(1);
});
