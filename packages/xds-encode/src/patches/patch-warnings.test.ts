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
