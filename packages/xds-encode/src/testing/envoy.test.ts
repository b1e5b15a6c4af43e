import { expect, it } from 'vitest';
import { envoy, refusal } from './envoy.ts';

it.skipIf(!envoy.path)(`tells Envoy's words on what it refuses${envoy.path ? '' : ` (${envoy.missing})`}`, async () => {
  const listener = {
    name: 'broken',
    address: { pipe: { path: '/x' } },
    filterChains: [{ filters: [{ name: 'no.such.filter' }] }],
  };
  expect(await refusal(JSON.stringify({ staticResources: { listeners: [listener] } }))).toContain('no.such.filter');
});
