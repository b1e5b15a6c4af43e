import type { ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { describe, expect, test } from 'vitest';
import { GatheredReads } from './gathered-reads.ts';

function keyOf(name: string): ResourceKey {
  return { type: 'DataplaneInsight', mesh: 'default', name };
}

/** Reads that are answered when the test says so. */
function slowReads() {
  const reads: { readonly names: readonly string[]; readonly answer: PromiseWithResolvers<readonly ResourceKey[]> }[] = [];
  const gathered = new GatheredReads((keys) => {
    const answer = Promise.withResolvers<readonly ResourceKey[]>();
    reads.push({ names: keys.map(({ name }) => name), answer });
    return answer.promise;
  });
  return { gathered, reads };
}

describe('gathered reads', () => {
  test('what is asked for while one is under way is read together, and not with that one', async () => {
    const { gathered, reads } = slowReads();
    const web = gathered.get(keyOf('web'));
    const others = [gathered.get(keyOf('api')), gathered.get(keyOf('none')), gathered.get(keyOf('web'))];
    expect(reads.map(({ names }) => names)).toEqual([['web']]);
    reads[0]!.answer.resolve([keyOf('web')]);
    expect(await web).toEqual(keyOf('web'));
    expect(reads.map(({ names }) => names)).toEqual([['web'], ['api', 'none', 'web']]);
    reads[1]!.answer.resolve([keyOf('web'), keyOf('api'), keyOf('web')]);
    expect(await Promise.all(others)).toEqual([keyOf('api'), undefined, keyOf('web')]);
  });

  test('one that fails, fails for those alone who were in it', async () => {
    const { gathered, reads } = slowReads();
    const web = gathered.get(keyOf('web'));
    const api = gathered.get(keyOf('api'));
    reads[0]!.answer.reject(new Error('the database is away'));
    await expect(web).rejects.toThrow('the database is away');
    reads[1]!.answer.resolve([keyOf('api')]);
    expect(await api).toEqual(keyOf('api'));
    const later = gathered.get(keyOf('later'));
    reads[2]!.answer.resolve([]);
    expect(await later).toBeUndefined();
  });
});
