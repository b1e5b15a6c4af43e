import { expect, test } from 'vitest';
import { ir } from '../../cases/inbound-permissive-tcp/ir.ts';
import { encodeProxy, resourceToJson, typeUrls } from '../index.ts';
import { withRenewals } from './renewed.ts';

const proxy = encodeProxy(ir);
const name = ir.listeners.find(({ kind }) => kind === 'inbound')!.name;
const listenerOf = (encoded: typeof proxy) => encoded.get(typeUrls.listener)!.get(name)!;

test('a renewed listener differs in the filter chains of the mesh, and in nothing else', () => {
  const renewed = listenerOf(withRenewals(proxy, new Map([[name, '2026-01-01T00:00:00.000Z']])));
  const mark = { metadata: { filterMetadata: { 'io.kuma.renewal': { time: '2026-01-01T00:00:00.000Z' } } } };
  const { filterChains, ...rest } = resourceToJson(listenerOf(proxy)) as { filterChains: { transportSocket?: object }[] };
  const marked = filterChains.map((chain) => (chain.transportSocket ? { ...chain, ...mark } : chain));
  expect(marked).not.toEqual(filterChains);
  expect(resourceToJson(renewed)).toEqual({ ...rest, filterChains: marked });
  expect(renewed.version).toBe(listenerOf(proxy).version);
});

test('is made once for each time', () => {
  const at = (time: string) => listenerOf(withRenewals(proxy, new Map([[name, time]])));
  const first = at('1');
  expect(at('1')).toBe(first);
  expect(at('2')).not.toBe(first);
  expect(withRenewals(proxy, new Map())).toBe(proxy);
});
