import { expect, test } from 'vitest';
import { resolveRules } from '../proxy/index.ts';
import type { InboundRules } from '../rules/proxy-rules.ts';
import { applyChanges, emptySnapshot } from '../snapshot/index.ts';
import { dataplane, inbound, mesh, resource } from '../testing/resources.ts';
import { confsByClient } from './by-client.ts';

type Http = Readonly<Record<string, string>>;

const rule = (http: Http, ...ids: readonly string[]) => ({
  matches: ids.map((id) => ({ spiffeID: { type: id.endsWith('*') ? 'Prefix' : 'Exact', value: id.replace('*', '') } })),
  default: { http },
});

function rulesOf(...rules: readonly object[]): InboundRules<{ http: Http }> {
  const web = dataplane('web', { inbound: [inbound('web', 80)] });
  const changes = [mesh('STRICT'), web, resource<object>('MeshTimeout', 'tested', { rules })].map((after) => ({ after }));
  const { kinds } = resolveRules(applyChanges(emptySnapshot('default'), changes).snapshot, web);
  return kinds.get('MeshTimeout')!.inbounds[0]! as InboundRules<{ http: Http }>;
}

function byClient(...rules: readonly object[]): Readonly<Record<string, Http>> {
  const confs = confsByClient(rulesOf(...rules), { mesh: 'default', tls: 'strict' });
  return Object.fromEntries(confs.map(({ client, conf }) => [`${client.match} ${client.value}`, conf.http]));
}

test('what is said of clients is added to what is said of everyone, the most exact last, in whatever order it is written', () => {
  const rules = [rule({ a: 'all', b: 'all', c: 'all', d: 'all' }), rule({ b: 'short', c: 'short', d: 'short' }, 'spiffe://m/w*')];
  const exact = [rule({ c: 'long', d: 'long' }, 'spiffe://m/we*'), rule({ d: 'exact' }, 'spiffe://m/web')];
  const expected = {
    'exact spiffe://m/web': { a: 'all', b: 'short', c: 'long', d: 'exact' },
    'prefix spiffe://m/we': { a: 'all', b: 'short', c: 'long', d: 'long' },
    'prefix spiffe://m/w': { a: 'all', b: 'short', c: 'short', d: 'short' },
  };
  for (const written of [[...rules, ...exact], [...rules, ...exact].toReversed()]) {
    expect(byClient(...written)).toEqual(expected);
    expect(Object.keys(byClient(...written))).toEqual(Object.keys(expected));
  }
});

test('an exact id has what is said of a prefix of the same length, and no other id has', () => {
  expect(byClient(rule({ a: 'prefix' }, 'spiffe://m/web*'), rule({ b: 'web' }, 'spiffe://m/web', 'spiffe://m/we'))).toEqual({
    'exact spiffe://m/web': { a: 'prefix', b: 'web' },
    'exact spiffe://m/we': { b: 'web' },
    'prefix spiffe://m/web': { a: 'prefix' },
  });
});

test('who has two ids meets what was said last of them', () => {
  const clients = ['spiffe://m/api', 'spiffe://m/web', 'spiffe://m/api'];
  const said = byClient(...clients.map((id, i) => rule({ a: String(i) }, id)), rule({ a: 'prefix' }, 'spiffe://m/w*'));
  expect(Object.entries(said).map(([client, { a }]) => [client, a])).toEqual([
    ['exact spiffe://m/api', '2'],
    ['exact spiffe://m/web', '1'],
    ['prefix spiffe://m/w', 'prefix'],
  ]);
});

test('without mutual TLS nobody is known to be anybody', () => {
  expect(confsByClient(rulesOf(rule({ a: 'web' }, 'spiffe://m/web')), { mesh: 'default', tls: 'off' })).toEqual([]);
});
