import type { MeshMetric_Profiles } from '@kuma-mesh/core-model/generated/types/kuma/mesh_metric.ts';
import { expect, it, test } from 'vitest';
import { parseMetrics } from './parse-text.ts';
import { selection } from './profiles.ts';

const names = [
  'envoy_cluster_upstream_rq',
  'envoy_server_live',
  'envoy_cluster_membership_total',
  'envoy_cluster_assignment_stale',
  'envoy_runtime_load',
];
const [requests, live, members, stale, load] = names as [string, string, string, string, string];

const profile = (...all: ('All' | 'Basic' | 'None')[]) => all.map((name) => ({ name }));

test.each<[string, MeshMetric_Profiles | undefined, string[]]>([
  ['nothing stated', undefined, [requests, live, members]],
  ['Basic', { appendProfiles: profile('Basic') }, [requests, live, members]],
  ['All', { appendProfiles: profile('All') }, names],
  ['None', { appendProfiles: profile('None') }, []],
  ['None and Basic', { appendProfiles: profile('None', 'Basic') }, [requests, live, members]],
  ['None and All', { appendProfiles: profile('None', 'All') }, names],
  ['None and one by name', { appendProfiles: profile('None'), include: [{ type: 'Exact', match: live }] }, [live]],
  [
    'All but a beginning',
    { appendProfiles: profile('All'), exclude: [{ type: 'Prefix', match: 'envoy_cluster' }] },
    [live, load],
  ],
  ['All but a part', { appendProfiles: profile('All'), exclude: [{ type: 'Contains', match: 'r_' }] }, [load]],
  [
    'an expression in what is excluded',
    {
      appendProfiles: profile('All'),
      exclude: [{ type: 'Prefix', match: 'envoy' }],
      include: [{ type: 'Regex', match: '(?i)_(STALE|load)$' }],
    },
    [stale, load],
  ],
  [
    'expressions as RE2 has them',
    {
      appendProfiles: profile('None'),
      include: ['(?U)\\Aenvoy_server.+', '_[[:alpha:]]{4}\\z', '\\Qm\\E\\p{Ll}+bership(?P<all>_t[[:lower:]]tal$)'].map(
        (match) => ({
          type: 'Regex' as const,
          match,
        }),
      ),
    },
    [live, members, load],
  ],
])('with %s', async (_, profiles, expected) => {
  const { family } = await selection(profiles ? { profiles } : {});
  expect(names.filter(family)).toEqual(expected);
});

it('the Basic profile leaves out what is about the mesh itself', async () => {
  const [family] = parseMetrics(
    [
      '# TYPE rq counter',
      'rq{envoy_cluster_name="backend"} 1',
      'rq{envoy_cluster_name="ads_cluster"} 1',
      'rq{envoy_cluster_name="_kuma_metrics_hijacker"} 1',
      'rq{envoy_cluster_name="system_ads"} 1',
    ].join('\n'),
  );
  const [basic, all] = [await selection(), await selection({ profiles: { appendProfiles: profile('All') } })];
  expect(basic.samples(family!).samples.map(({ labels }) => labels)).toEqual(['envoy_cluster_name="backend"']);
  expect(all.samples(family!).samples).toHaveLength(4);
});
