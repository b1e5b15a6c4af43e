import { expect, it } from 'vitest';
import { pointsOf } from '../../../../../tools/fixtures/otlp/metrics.ts';
import { decodeMetrics } from '../../../../../tools/fixtures/otlp/receiver.ts';
import { parseMetrics } from '../parse-text.ts';
import { encodeRequests } from './encode.ts';
import { otlpMetrics } from './from-families.ts';

const resource = [['service.name', 'web']] as const;

function sent(text: string, attributes: Record<string, string> = {}) {
  const metrics = otlpMetrics(parseMetrics(text), { scope: 'kuma', attributes, time: 1_700_000_000_000_000_000n });
  return encodeRequests({ resource, scopeVersion: '1', metrics }).map(decodeMetrics);
}

const points = (text: string, attributes?: Record<string, string>) => sent(text, attributes).flatMap(pointsOf);

it('counters are sums since the beginning, and gauges what they are', () => {
  expect(points('# HELP a_total Help.\n# TYPE a_total counter\na_total{x="\\"1\\""} 3\nb 4 1000\n', { mesh: 'default' })).toEqual(
    [
      {
        resource: { 'service.name': 'web' },
        scope: 'kuma',
        name: 'a_total',
        description: 'Help.',
        kind: 'sum',
        cumulative: true,
        attributes: { x: '"1"', mesh: 'default' },
        point: expect.objectContaining({ asDouble: 3, timeUnixNano: 1_700_000_000_000_000_000 }),
      },
      expect.objectContaining({
        name: 'b',
        kind: 'gauge',
        point: expect.objectContaining({ asDouble: 4, timeUnixNano: 1_000_000_000 }),
      }),
    ],
  );
});

it('buckets hold what is in them alone', () => {
  const text = [
    '# TYPE s histogram',
    's_bucket{a="1",le="0.5"} 1',
    's_bucket{a="1",le="2"} 3',
    's_bucket{a="1",le="+Inf"} 7',
    's_sum{a="1"} 12.5',
    's_count{a="1"} 7',
    's_bucket{a="2",le="0.5"} 4',
    's_sum{a="2"} 1',
    's_count{a="2"} 5',
  ].join('\n');
  expect(points(text).map(({ attributes, cumulative, point }) => ({ attributes, cumulative, point }))).toEqual([
    {
      attributes: { a: '1' },
      cumulative: true,
      point: expect.objectContaining({ count: 7, sum: 12.5, explicitBounds: [0.5, 2], bucketCounts: [1, 2, 4] }),
    },
    {
      attributes: { a: '2' },
      cumulative: true,
      point: expect.objectContaining({ count: 5, explicitBounds: [0.5], bucketCounts: [4, 1] }),
    },
  ]);
});

it('summaries keep their quantiles', () => {
  const [summary] = points('# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.99"} 2\ns_sum 3\ns_count 4\n');
  expect(summary).toMatchObject({
    kind: 'summary',
    point: {
      count: 4,
      sum: 3,
      quantileValues: [
        { quantile: 0.5, value: 1 },
        { quantile: 0.99, value: 2 },
      ],
    },
  });
});

it('labels of buckets and quantiles are just that, where there are none', () => {
  expect(points('# TYPE a gauge\na{quantile="0.5",le="1"} 1\na{quantile="0.9",le="1"} inf\n')).toMatchObject([
    { attributes: { quantile: '0.5', le: '1' }, point: { asDouble: 1 } },
    { attributes: { quantile: '0.9', le: '1' }, point: { asDouble: Number.POSITIVE_INFINITY } },
  ]);
});

it('a scope that labels state is the scope, and labels of ours win over theirs', () => {
  expect(points('a{otel_scope_name="lib",otel_scope_version="2",mesh="mine"} NaN\n', { mesh: 'default' })).toMatchObject([
    { scope: 'lib', attributes: { exported_mesh: 'mine', mesh: 'default' }, point: { asDouble: Number.NaN } },
  ]);
});

it('what is too much for one message is sent in several', () => {
  const text = Array.from({ length: 30_000 }, (_, i) => `a{series="${i}",filler="${'x'.repeat(60)}"} ${i}`).join('\n');
  const requests = sent(text);
  expect(requests.length).toBeGreaterThan(2);
  expect(requests.flatMap(pointsOf).map(({ point }) => point.asDouble)).toEqual(Array.from({ length: 30_000 }, (_, i) => i));
});
