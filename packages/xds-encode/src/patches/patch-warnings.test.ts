import { expect, test } from 'vitest';
import { patchWarnings } from './patch-warnings.ts';

test('an origin that nothing has is told, and one that is like it', () => {
  const modification = (origin: string) => ({ cluster: { operation: 'Patch' as const, match: { origin }, value: 'name: a' } });
  const appendModifications = ['inbound', 'mesh-trace', 'mesh-proxy-patch', 'inbond', 'gateway'].map(modification);
  expect(patchWarnings({ default: { appendModifications } })).toEqual([
    `field 'spec.default.appendModifications[3].cluster.match.origin' matches nothing: no resource is made for "inbond"; did you mean inbound?`,
    `field 'spec.default.appendModifications[4].cluster.match.origin' matches nothing: no resource is made for "gateway"`,
  ]);
});

test('a cluster with the name of one that is there from the start is told', () => {
  const add = (name: string) => ({ cluster: { operation: 'Add' as const, value: `name: ${name}` } });
  const appendModifications = ['extra', 'ads_cluster', 'my_ads_cluster', 'system_access_log_sink'].map(add);
  expect(patchWarnings({ default: { appendModifications } })).toEqual([
    `field 'spec.default.appendModifications[1].cluster.value' has no effect where the proxy's bootstrap has a cluster ads_cluster: that one stays`,
    `field 'spec.default.appendModifications[3].cluster.value' has no effect where the proxy's bootstrap has a cluster system_access_log_sink: that one stays`,
  ]);
});
