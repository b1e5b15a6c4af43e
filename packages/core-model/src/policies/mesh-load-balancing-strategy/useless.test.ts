import { expect, test } from 'vitest';
import { fieldPath } from '../../resources/field-path.ts';
import { useless } from './useless.ts';

const hashPolicies = [{ type: 'Header', header: { name: 'x' } }] as const;

test.each<[string, object, string[]]>([
  ['a hash for a ring', { loadBalancer: { type: 'RingHash', ringHash: {} }, hashPolicies }, []],
  ['a hash, with the algorithm elsewhere', { hashPolicies }, []],
  ['a hash for turns', { loadBalancer: { type: 'RoundRobin' }, hashPolicies }, ['hashPolicies']],
  [
    'addresses to hash, and connections without',
    {
      hashPolicies: [
        { type: 'Connection', connection: { sourceIP: true } },
        { type: 'Connection', connection: {} },
      ],
    },
    ['hashPolicies[1].connection'],
  ],
  [
    'a connection whose address is not hashed, beside the algorithm',
    { loadBalancer: { type: 'Maglev', maglev: { hashPolicies: [{ type: 'SourceIP', connection: { sourceIP: false } }] } } },
    ['loadBalancer.maglev.hashPolicies[0].connection'],
  ],
  ['another algorithm', { loadBalancer: { type: 'Maglev', ringHash: { minRingSize: 10 } } }, ['loadBalancer.ringHash']],
  [
    'near endpoints that are switched off and described',
    { localityAwareness: { disabled: true, localZone: {} } },
    ['localityAwareness.disabled'],
  ],
  ['near endpoints that are switched off', { localityAwareness: { disabled: true } }, []],
  ['as many choices as there may be', { loadBalancer: { type: 'LeastRequest', leastRequest: { choiceCount: 1000 } } }, []],
  [
    'more choices than that',
    { loadBalancer: { type: 'LeastRequest', leastRequest: { choiceCount: 1001 } } },
    ['loadBalancer.leastRequest.choiceCount'],
  ],
  ['nothing', {}, ['']],
])('load balancing with %s says what is of no use', (_, conf, expected) => {
  expect(useless(conf).map(({ path }) => fieldPath(...path))).toEqual(expected);
});
