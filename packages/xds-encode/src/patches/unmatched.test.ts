import type { MeshProxyPatch_Modification as Modification } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { expect, test } from 'vitest';
import { ir as inbound } from '../../cases/inbound-strict-http/ir.ts';
import { ir as outbound } from '../../cases/outbound-http/ir.ts';
import { encodeProxy } from '../index.ts';
import { unmatchedWarnings } from './unmatched.ts';

const proxies = [inbound, outbound].map((ir) => ({ ir, encoded: encodeProxy(ir) }));
async function fields(modifications: Modification[], at = proxies) {
  const warnings = await unmatchedWarnings({ default: { appendModifications: modifications } }, at);
  return warnings.map((text) => /'(.*?)'/.exec(text)![1]);
}
const place = (part: string, index = 0) => `spec.default.appendModifications[${index}].${part}.match`;

const router = 'envoy.filters.http.router';
const manager = 'envoy.filters.network.http_connection_manager';
const value = 'name: new';

test.each<[string, Modification, Modification]>([
  [
    'cluster',
    { cluster: { operation: 'Patch', match: { name: 'backend' }, value: 'connectTimeout: 1s' } },
    { cluster: { operation: 'Remove', match: { name: 'bakend' } } },
  ],
  [
    'listener',
    { listener: { operation: 'Remove', match: { origin: 'inbound', tags: { 'kuma.io/service': '*' } } } },
    { listener: { operation: 'Patch', match: { origin: 'inbound', tags: { team: 'none' } }, value: 'bindToPort: false' } },
  ],
  [
    'networkFilter',
    { networkFilter: { operation: 'AddBefore', match: { name: manager }, value } },
    { networkFilter: { operation: 'AddBefore', match: { name: `${manager}s` }, value } },
  ],
  [
    'httpFilter',
    { httpFilter: { operation: 'Patch', match: { name: router }, jsonPatches: [{ op: 'add', path: '/a', value: 1 }] } },
    { httpFilter: { operation: 'AddFirst', match: { listenerName: 'nowhere' }, value } },
  ],
  [
    'virtualHost',
    { virtualHost: { operation: 'Remove', match: { routeConfigurationName: 'outbound:backend' } } },
    { virtualHost: { operation: 'Patch', match: { name: 'nobody' }, value: 'domains: [a]' } },
  ],
])('a %s that is there is matched, and one that is not is told', async (part, matching, other) => {
  expect(await fields([matching, other])).toEqual([place(part, 1)]);
});

test('what one proxy of several has is matched', async () => {
  const modification: Modification = { cluster: { operation: 'Remove', match: { name: 'backend' } } };
  expect(await fields([modification], proxies.slice(0, 1))).toEqual([place('cluster')]);
  expect(await fields([modification])).toEqual([]);
});

test('a patch names what it is for in its value, too', async () => {
  const patch = (name: string): Modification => ({
    networkFilter: { operation: 'Patch', match: { name }, value: `name: ${name}` },
  });
  expect(await fields([patch(manager), patch('nobody')])).toEqual([place('networkFilter', 1)]);
});

test('what patches add, what other warnings are about, and nobody to ask are no reason to warn', async () => {
  const add: Modification = { httpFilter: { operation: 'AddFirst', value: 'name: lua' } };
  expect(await fields([add, { httpFilter: { operation: 'AddAfter', match: { name: 'lua' }, value } }])).toEqual([]);
  const listener: Modification = { listener: { operation: 'Add', value: 'filterChains: [{ filters: [{ name: echo }] }]' } };
  expect(await fields([listener, { networkFilter: { operation: 'Remove', match: { name: 'echo' } } }])).toEqual([]);
  for (const origin of ['mesh-proxy-patch', 'inbond']) {
    expect(await fields([{ cluster: { operation: 'Remove', match: { origin } } }])).toEqual([]);
  }
  expect(await fields([{ cluster: { operation: 'Add', value } }])).toEqual([]);
  expect(await fields([{ cluster: { operation: 'Remove', match: { name: 'no' } } }], [])).toEqual([]);
});

test('what a patch adds is not what its others are about where they ask for another origin or place', async () => {
  const added: Modification = { cluster: { operation: 'Add', value } };
  const patched = (origin: string): Modification => ({
    cluster: { operation: 'Patch', match: { name: 'new', origin }, value: 'a: 1' },
  });
  expect(await fields([added, patched('inbound'), patched('mesh-proxy-patch')])).toEqual([place('cluster', 1)]);
  const host = (routeConfigurationName: string, origin: string): Modification => ({
    virtualHost: { operation: 'Remove', match: { name: 'new', origin, routeConfigurationName } },
  });
  const hosts = [host('outbound:backend', 'outbound'), host('outbound:backend', 'inbound'), host('outbound:no', 'outbound')];
  const addedHost: Modification = { virtualHost: { operation: 'Add', value } };
  expect(await fields([addedHost, ...hosts])).toEqual([place('virtualHost', 2), place('virtualHost', 3)]);
});
