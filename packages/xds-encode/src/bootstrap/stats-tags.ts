import type { StatsConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/metrics/v3/stats.ts';

/**
 * Parts of statistics' names that dashboards know as labels; the first group is taken out, the second is the value.
 * Envoy tries each at every name it has, and from each place in it on where nothing ties the expression to the beginning: that
 * takes the square of the name's length, which is seconds for a hundred clusters and minutes for one very long name.
 */
const tags: readonly (readonly [name: string, regex: string])[] = [
  ['name', '^grpc\\.((.+)\\.)'],
  ['status', '^grpc.*streams_closed(_([0-9]+))'],
  ['kafka_name', '^kafka(\\.(\\S*[0-9]))\\.'],
  ['kafka_type', '^kafka\\..*\\.(.*?(?=_duration|$))'],
  ['worker', '(worker_([0-9]+)\\.)'],
  ['listener', '^((.+?)\\.)rbac\\.'],
];

export const statsConfig: StatsConfig = {
  statsTags: tags.map(([tagName, regex]) => ({ tagName, tagValue: { $case: 'regex', value: regex } })),
};
