import { expect, test } from 'vitest';
import { inSlices } from './in-slices.ts';

test('all items come in order, and others have their turn in between', async () => {
  function* slow(): Iterable<number> {
    for (let item = 0; item < 20; item++) {
      const until = performance.now() + 2;
      while (performance.now() < until);
      yield item;
    }
  }
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  const items: number[] = [];
  for await (const item of inSlices(slow(), 5)) items.push(item);
  clearInterval(others);
  expect(items).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(turns).toBeGreaterThan(2);
});
