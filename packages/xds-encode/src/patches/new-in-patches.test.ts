import type { PatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import { expect, it } from 'vitest';
import { ir } from '../../cases/outbound-http/ir.ts';
import { type EncodedResource, encodeProxy, newInPatches, typeUrls } from '../index.ts';

const timeout = (kri: string, connectTimeout: string): PatchIr => {
  const value = JSON.stringify({ connectTimeout });
  return { origin: { kri }, index: 0, modification: { cluster: { operation: 'Patch', match: { name: 'backend' }, value } } };
};

function backend(patches: readonly PatchIr[]): EncodedResource {
  return encodeProxy({ ...ir, patches })
    .get(typeUrls.cluster)!
    .get('backend')!;
}

const named = (resource: EncodedResource, taken: EncodedResource) => newInPatches(resource, taken)?.map(({ kri }) => kri);

it('names the policies that are new or changed since, and nobody who is as before', () => {
  const taken = backend([timeout('a', '1s'), timeout('b', '2s')]);
  expect(named(backend([timeout('a', '1s'), timeout('b', '3s')]), taken)).toEqual(['b']);
  expect(named(backend([timeout('c', '9s'), timeout('a', '1s'), timeout('b', '3s')]), taken)).toEqual(['c', 'b']);
});

it('names all of them where none was there before', () => {
  expect(named(backend([timeout('a', '1s'), timeout('b', '3s')]), backend([]))).toEqual(['a', 'b']);
});

it('names nobody where a policy has gone, or something else has changed as well', () => {
  const taken = backend([timeout('a', '1s'), timeout('b', '2s')]);
  expect(named(backend([timeout('a', '1s')]), taken)).toBeUndefined();
  const ofAnother = { ...taken, patched: { ...taken.patched!, without: taken } };
  expect(named(backend([timeout('a', '1s'), timeout('b', '3s')]), ofAnother)).toBeUndefined();
});
