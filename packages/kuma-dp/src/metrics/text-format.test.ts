import { describe, expect, it } from 'vitest';
import { labelsWith } from './extra-labels.ts';
import { mergeFamilies } from './merge-families.ts';
import { mergeSubsets } from './merge-subsets.ts';
import { parseMetrics } from './parse-text.ts';
import { MetricsSyntaxError } from './read-sample.ts';
import { renderMetrics } from './render-text.ts';

const rendered = (...input: Parameters<typeof renderMetrics>) => [...renderMetrics(...input)].join('');

const lines = (...all: string[]) => `${all.join('\n')}\n`;

describe('text of Prometheus', () => {
  it('is given back as it was', () => {
    const text = lines(
      '# HELP requests_total How many.',
      '# TYPE requests_total counter',
      'requests_total{code="200",path="/{id}"} 3',
      'requests_total{code="500",path="a \\"b\\" \\\\"} 4 1395066363000',
      '# TYPE seconds histogram',
      'seconds_bucket{le="0.5"} 1',
      'seconds_bucket{le="+Inf"} 2',
      'seconds_sum 3.5e-7',
      'seconds_count 2',
      '# TYPE up untyped',
      'up NaN',
    );
    expect(rendered(parseMetrics(text))).toBe(text);
  });

  it('is read with blanks where they are allowed, and without a last line break', () => {
    const text = '\n# a comment\n  \nup { a = "b" , } 1 \nother\t2';
    expect(rendered(parseMetrics(text))).toBe(lines('# TYPE up untyped', 'up{a = "b"} 1', '# TYPE other untyped', 'other 2'));
  });

  it('has a family together whose samples are apart', () => {
    const text = lines('# TYPE a counter', 'a{x="1"} 1', '# TYPE b gauge', 'b 1', 'a{x="2"} 2');
    expect(rendered(parseMetrics(text))).toBe(lines('# TYPE a counter', 'a{x="1"} 1', 'a{x="2"} 2', '# TYPE b gauge', 'b 1'));
  });

  it('leaves families out that nobody wants', () => {
    const text = lines('# TYPE a histogram', 'a_bucket{le="1"} 1', 'a_sum 1', '# TYPE ab gauge', 'ab 1', 'c 1');
    expect(parseMetrics(text, { wanted: (name) => name === 'ab' }).map(({ name }) => name)).toEqual(['ab']);
  });

  it.each([
    ...['1up 1', 'up{a="b" 1', 'up', '<html>', '{"a":1}', '{"up"} 1', 'up 1 2 3'],
    ...['up one', 'up 1e', 'up 0x1', 'up 1_0', 'up 1 now', 'up 1 1.5', 'up 1 -5', 'up 1 99999999999999999999'],
    ...['up{a=b} 1', "up{a='b'} 1", 'up{a-b="c"} 1', 'up{"a"="b"} 1', 'up{="b"} 1', 'up{a="b" c="d"} 1', 'up{,a="b"} 1'],
    ...['up{a="b",,} 1', 'up{a="b",a="c"} 1', 'up{__name__="down"} 1'],
  ])('is refused where Prometheus would refuse it: %s', (text) => {
    expect(() => parseMetrics(`ok 1\n${text}\n`)).toThrow(MetricsSyntaxError);
  });

  it.each(['up -1.5E+3', 'up .5', 'up +Inf', 'up nan', 'up{a="} \\" ="} 1', '\t up 1', 'up 1\r'])('is read: %s', (text) => {
    expect(parseMetrics(text)).toMatchObject([{ name: 'up', samples: [{ name: 'up' }] }]);
  });
});

it('OpenMetrics is written as the text format has it', () => {
  const text = lines(
    '# TYPE requests counter',
    '# UNIT requests requests',
    '# HELP requests How many.',
    'requests_total{a="1"} 3.0 1395066363.5 # {trace="abc"} 0.67 1395066300',
    'requests_created{a="1"} 1395066000.0',
    '# TYPE build info',
    'build_info{version="1"} 1',
    '# TYPE odd unknown',
    'odd 1',
    '# EOF',
  );
  expect(rendered(parseMetrics(text, { openMetrics: true }))).toBe(
    lines(
      '# HELP requests_total How many.',
      '# TYPE requests_total counter',
      'requests_total{a="1"} 3.0 1395066363500',
      '# TYPE build_info gauge',
      'build_info{version="1"} 1',
      '# TYPE odd untyped',
      'odd 1',
    ),
  );
});

it('labels are put on every sample, and what it has under their names is kept', () => {
  const families = parseMetrics(lines('up 1', 'up{mesh="mine",a="\\""} 2', 'up{mesh="mine",exported_mesh="b"} 3'));
  expect(rendered(families, labelsWith({ mesh: 'de"fault', 'kuma.workload': 'w' }))).toBe(
    lines(
      '# TYPE up untyped',
      'up{mesh="de\\"fault",kuma_workload="w"} 1',
      'up{exported_mesh="mine",a="\\"",mesh="de\\"fault",kuma_workload="w"} 2',
      'up{exported_exported_mesh="mine",exported_mesh="b",mesh="de\\"fault",kuma_workload="w"} 3',
    ),
  );
});

it('labels of the proxy are labels to Prometheus, each of them once', () => {
  const extra = { '5g': 'yes', 'kuma.proxy_role': 'a', kuma_proxy_role: 'b' };
  expect(rendered(parseMetrics('up 1\n'), labelsWith(extra))).toBe(
    lines('# TYPE up untyped', 'up{_5g="yes",kuma_proxy_role="b"} 1'),
  );
});

it('what is long is rendered in pieces', () => {
  const text = Array.from({ length: 5_000 }, (_, i) => `up{series="${i}"} ${i}\n`).join('');
  const pieces = [...renderMetrics(parseMetrics(text))];
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join('')).toBe(`# TYPE up untyped\n${text}`);
});

it('families of several sources come once', () => {
  const [a, b] = [lines('# TYPE x counter', 'x{a="1"} 1', 'y 1'), lines('# HELP x h', '# TYPE x counter', 'x{a="2"} 2')];
  expect(rendered(mergeFamilies([parseMetrics(a), parseMetrics(b)]))).toBe(
    lines('# TYPE x counter', 'x{a="1"} 1', 'x{a="2"} 2', '# TYPE y untyped', 'y 1'),
  );
});

it('parts of a service count together', () => {
  const text = lines(
    '# TYPE envoy_cluster_upstream_rq counter',
    'envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="backend-0123456789abcdef"} 1',
    'envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="backend-fedcba9876543210"} 2',
    'envoy_cluster_upstream_rq{envoy_response_code="500",envoy_cluster_name="backend-fedcba9876543210"} 4',
    'envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="other"} 8',
  );
  expect(rendered(mergeSubsets(parseMetrics(text)))).toBe(
    lines(
      '# TYPE envoy_cluster_upstream_rq counter',
      'envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="backend"} 3',
      'envoy_cluster_upstream_rq{envoy_response_code="500",envoy_cluster_name="backend"} 4',
      'envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="other"} 8',
    ),
  );
});
