import { expect, test } from 'vitest';
import { dataplane, inbound } from '../testing/resources.ts';
import { proxyTarget } from './proxy-target.ts';
import { selectProxy } from './select-proxy.ts';

const named = (name: string, port: number) => ({ ...inbound('web', port), name });

test.each([
  ['the inbound of that name', [named('main', 80), named('admin', 81)], 'admin', [1]],
  ['one without a name by its port', [named('main', 80), inbound('web', 81)], '81', [1]],
  ['one of that name before one at a port that reads the same', [inbound('web', 81), named('81', 80)], '81', [1]],
  ['none by its port that has a name', [named('main', 80)], '80', undefined],
])('a section is %s', (_, inbounds, sectionName, expected) => {
  const proxy = proxyTarget(dataplane('web', { inbound: inbounds }));
  const selection = selectProxy({ labels: {}, spec: { targetRef: { kind: 'Dataplane', sectionName } } }, proxy);
  expect(selection).toEqual(expected ? new Set(expected) : 'none');
});
