import { expect, test } from 'vitest';
import { parseResource } from '../../resources/parse.ts';

const mesh = { kind: 'Mesh' };
const web = { kind: 'MeshSubset', tags: { 'kuma.io/service': 'web' } };

function fields(spec: object): string[] {
  const parsed = parseResource({ type: 'MeshFaultInjection', mesh: 'default', name: 'f', spec });
  return parsed.ok ? [] : parsed.problems.map(({ field }) => field);
}

const from = (...http: object[]) => ({ from: [{ targetRef: web, default: { http } }] });
const abort = { httpStatus: 503, percentage: 50 };

test.each<[string, object, string[]]>([
  [
    'faults of each kind',
    from({ abort, delay: { value: '5s', percentage: '50.5' }, responseBandwidth: { limit: '100 Mbps', percentage: 0 } }, {}),
    [],
  ],
  ['no fault', from(), []],
  ['conditions on clients', { rules: [{ matches: [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }] }] }, []],
  [
    'a server name, for zone proxies to come',
    { rules: [{ matches: [{ sni: { type: 'Exact', value: 'sni.extsvc.default.east.api.443' } }] }] },
    [],
  ],
  ['what is for built-in gateways', { to: [{ targetRef: mesh, default: { http: [{ abort }] } }] }, []],
  [
    'what is for built-in gateways, for proxies that are none',
    { targetRef: { kind: 'Dataplane' }, to: [{ targetRef: mesh, default: { http: [{ abort }] } }] },
    ['spec.to'],
  ],
  [
    'nothing of what a fault needs',
    from({ abort: {}, delay: {}, responseBandwidth: {} }),
    [
      'spec.from[0].default.http[0].abort.httpStatus',
      'spec.from[0].default.http[0].abort.percentage',
      'spec.from[0].default.http[0].delay.value',
      'spec.from[0].default.http[0].delay.percentage',
      'spec.from[0].default.http[0].responseBandwidth.limit',
      'spec.from[0].default.http[0].responseBandwidth.percentage',
    ],
  ],
  [
    'values out of range, all at once',
    from(
      { abort: { httpStatus: 677, percentage: 111 } },
      { delay: { value: '-5s', percentage: -1 } },
      { responseBandwidth: { limit: '1000', percentage: 'half' } },
    ),
    [
      'spec.from[0].default.http[0].abort.httpStatus',
      'spec.from[0].default.http[1].delay.value',
      'spec.from[0].default.http[0].abort.percentage',
      'spec.from[0].default.http[1].delay.percentage',
      'spec.from[0].default.http[2].responseBandwidth.percentage',
      'spec.from[0].default.http[2].responseBandwidth.limit',
    ],
  ],
  ['what is no status', from({ abort: { ...abort, httpStatus: 99 } }), ['spec.from[0].default.http[0].abort.httpStatus']],
  [
    'conditions that no certificate meets',
    { rules: [{ matches: [{}, { spiffeID: { type: 'Exact', value: 'web' } }], default: { http: [] } }] },
    ['spec.rules[0].matches[0].spiffeID', 'spec.rules[0].matches[1].spiffeID.value'],
  ],
  [
    'a destination that is not all',
    { to: [{ targetRef: { kind: 'MeshService', name: 'b' }, default: {} }] },
    ['spec.to[0].targetRef.kind'],
  ],
])('with %s', (_, spec, at) => {
  expect(fields(spec).toSorted()).toEqual(at.toSorted());
});

test.each(['0kbps', '1000000000Mbps', '1.5Mbps'])('a bandwidth of %s is told which numbers can be', (limit) => {
  const spec = from({ responseBandwidth: { limit, percentage: 1 } });
  const parsed = parseResource({ type: 'MeshFaultInjection', mesh: 'default', name: 'f', spec });
  expect(parsed.ok ? [] : parsed.problems.map(({ reason }) => reason)).toEqual([
    `must be a whole number from 1 to 999999999 of bps, kbps, Mbps or Gbps, such as 50Mbps; got "${limit}"`,
  ]);
});
