import type { PatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import { expect, it } from 'vitest';
import { ir } from '../../cases/outbound-http/ir.ts';
import { encodeProxy, typeUrls } from '../index.ts';
import { changesInVain } from './awaited.ts';
import { changesOf } from './change.ts';

it('finds the change with which a name is missing that none states, without trying each of hundreds', () => {
  const patches = Array.from({ length: 400 }, (_, index): PatchIr => {
    return { origin: { kri: 'test' }, index, modification: { listener: { operation: 'Patch', value: `statPrefix: s${index}` } } };
  });
  const sent = encodeProxy({ ...ir, patches: patches.slice(0, 1) });
  const missing = new Map(sent).set(typeUrls.route, new Map());
  const tried: number[] = [];
  const vain = changesInVain(changesOf(patches), (count) => {
    tried.push(count);
    return count > 150 ? missing : sent;
  });
  expect([...vain].map(([{ index }, reason]) => [index, reason])).toEqual([
    [150, 'nothing is sent for the route configuration outbound:backend'],
  ]);
  expect(tried.length).toBeLessThan(15);
});
