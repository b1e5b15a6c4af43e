import { expect, test } from 'vitest';
import type { PolicySpec } from '../target-ref/policy-spec.ts';
import { resource } from '../testing/resources.ts';
import { policyItems } from './policy-items.ts';

test('a rule for those alone who ask for a server name is no item, as only zone proxies are asked for one', () => {
  const spiffeID = { type: 'Exact', value: 'spiffe://default/web' } as const;
  const sni = { type: 'Exact', value: 'sni.extsvc.default.east.api.443' } as const;
  const rules = [{}, { matches: [{ sni }] }, { matches: [{ spiffeID, sni }, { spiffeID }] }];
  const { inbound } = policyItems(resource<PolicySpec>('MeshTimeout', 't', { rules }));
  expect(inbound.map(({ origin, matches }) => [origin.ruleIndex, matches])).toEqual([
    [0, []],
    [2, [{ spiffeID }]],
  ]);
});
