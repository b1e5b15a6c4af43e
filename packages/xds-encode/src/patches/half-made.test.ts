import { expect, it } from 'vitest';
import { halfMadeProblem } from './half-made.ts';
import type { JsonObject } from './json.ts';

const extension = (type: string, more: JsonObject) => ({
  policies: [
    {
      typedExtensionConfig: {
        name: 'x',
        typedConfig: { '@type': `type.googleapis.com/envoy.extensions.load_balancing_policies.${type}`, ...more },
      },
    },
  ],
});
const ring = (more: JsonObject) => extension('ring_hash.v3.RingHash', more);
const table = (more: JsonObject) => extension('maglev.v3.Maglev', more);

it.each<[string, JsonObject, string | undefined]>([
  ['no balancer', {}, undefined],
  ['a ring', { lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: '10', maximumRingSize: '10' } }, undefined],
  [
    'a ring from large to small',
    { lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: '9', maximumRingSize: '8' } },
    'at least 9',
  ],
  ['a ring smaller than the usual least', { lbPolicy: 'RING_HASH', ringHashLbConfig: { maximumRingSize: '8' } }, 'at least 1024'],
  ['a ring that is not used', { ringHashLbConfig: { maximumRingSize: '8' } }, undefined],
  ['a table', { lbPolicy: 'MAGLEV', maglevLbConfig: { tableSize: '5000011' } }, undefined],
  ['a table of another size', { lbPolicy: 'MAGLEV', maglevLbConfig: { tableSize: '65536' } }, 'prime number; got 65536'],
  ['a ring as an extension', { loadBalancingPolicy: ring({ minimumRingSize: '9000', maximumRingSize: '10' }) }, 'at least 9000'],
  [
    'a table inside of another balancer',
    { loadBalancingPolicy: extension('wrr_locality.v3.WrrLocality', { endpointPickingPolicy: table({ tableSize: '4' }) }) },
    'prime number; got 4',
  ],
])('with %s', (_, cluster, problem) => {
  if (problem === undefined) expect(halfMadeProblem(cluster)).toBeUndefined();
  else expect(halfMadeProblem(cluster)).toContain(problem);
});
