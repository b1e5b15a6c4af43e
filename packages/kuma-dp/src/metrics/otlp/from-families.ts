import { besideOurs } from '../extra-labels.ts';
import { readLabels, unescapeLabel } from '../label-text.ts';
import type { MetricFamily, MetricType, Sample } from '../metric-family.ts';
import type { Attributes, HistogramPoint, NumberPoint, OtlpMetric, SummaryPoint } from './otlp-metric.ts';

export interface Origin {
  /** Scope of what says none of its own. */
  readonly scope: string;
  /** Attributes of every point; a label of the same name is kept as `exported_<name>`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Of the collection; for samples that state no time. Nanoseconds. */
  readonly time: bigint;
}

/** Metrics of Prometheus in OpenTelemetry's words. Where labels state a scope (`otel_scope_name`), it is that. */
export function otlpMetrics(families: readonly MetricFamily[], origin: Origin): readonly OtlpMetric[] {
  return families.flatMap((family) => {
    const series = family.samples.map((sample) => seriesOf(sample, family.type, origin));
    return [...Map.groupBy(series, ({ scope }) => scope)].map(([scope, ofScope]) => ({
      scope,
      name: family.name,
      description: family.help ?? '',
      data: dataOf(family, ofScope),
    }));
  });
}

/** A sample whose labels have been read. */
interface Series {
  readonly scope: string;
  readonly sample: string;
  readonly attributes: Attributes;
  /** `le` of a bucket, `quantile` of a summary. */
  readonly edge: string | undefined;
  readonly value: number;
  readonly time: bigint;
}

/** Labels that tell the samples of one point apart. */
const edges: Readonly<Partial<Record<MetricType, string>>> = { histogram: 'le', summary: 'quantile' };
const scopeLabels = 'otel_scope_';

function seriesOf(sample: Sample, type: MetricType, { scope, attributes: extra, time }: Origin): Series {
  const labels = readLabels(sample.labels).map(([name, value]) => [name, unescapeLabel(value)] as const);
  const own = labels.filter(([name]) => name !== edges[type] && !name.startsWith(scopeLabels));
  return {
    scope: labels.find(([name]) => name === `${scopeLabels}name`)?.[1] ?? scope,
    sample: sample.name,
    attributes: [...besideOurs(own, new Set(Object.keys(extra))), ...Object.entries(extra)],
    edge: labels.find(([name]) => name === edges[type])?.[1],
    value: numberOf(sample.value),
    time: sample.timestamp === undefined ? time : BigInt(sample.timestamp) * 1_000_000n,
  };
}

function dataOf({ name, type }: MetricFamily, series: readonly Series[]): OtlpMetric['data'] {
  switch (type) {
    case 'histogram':
      return { kind: 'histogram', points: grouped(series).map((group) => histogramPoint(name, group)) };
    case 'summary':
      return { kind: 'summary', points: grouped(series).map((group) => summaryPoint(name, group)) };
    default:
      return { kind: type === 'counter' ? 'sum' : 'gauge', points: series.map(numberPoint) };
  }
}

/** Samples that make one point: equal but for their edge. */
function grouped(series: readonly Series[]): readonly (readonly [Series, ...Series[]])[] {
  return [...Map.groupBy(series, ({ attributes }) => JSON.stringify(attributes)).values()] as [Series, ...Series[]][];
}

function numberPoint({ attributes, time, value }: Series): NumberPoint {
  return { attributes, time, value };
}

function histogramPoint(name: string, group: readonly [Series, ...Series[]]): HistogramPoint {
  const buckets = group
    .filter(({ sample }) => sample === `${name}_bucket`)
    .map(({ edge, value }) => ({ bound: numberOf(edge ?? ''), count: value }))
    .sort((a, b) => a.bound - b.bound);
  const count = totalOf(`${name}_count`, group) ?? buckets.at(-1)?.count ?? 0;
  if (buckets.at(-1)?.bound !== Number.POSITIVE_INFINITY) buckets.push({ bound: Number.POSITIVE_INFINITY, count });
  return {
    ...pointOf(group),
    count,
    sum: totalOf(`${name}_sum`, group) ?? 0,
    bounds: buckets.slice(0, -1).map(({ bound }) => bound),
    // Those of Prometheus hold what is below them as well.
    counts: buckets.map((bucket, i) => Math.max(0, bucket.count - (buckets[i - 1]?.count ?? 0))),
  };
}

function summaryPoint(name: string, group: readonly [Series, ...Series[]]): SummaryPoint {
  return {
    ...pointOf(group),
    count: totalOf(`${name}_count`, group) ?? 0,
    sum: totalOf(`${name}_sum`, group) ?? 0,
    quantiles: group.flatMap(({ sample, edge, value }) =>
      sample === name && edge !== undefined ? [{ quantile: numberOf(edge), value }] : [],
    ),
  };
}

function pointOf([{ attributes, time }]: readonly [Series, ...Series[]]): Pick<NumberPoint, 'attributes' | 'time'> {
  return { attributes, time };
}

function totalOf(name: string, group: readonly Series[]): number | undefined {
  return group.find(({ sample }) => sample === name)?.value;
}

const infinity = /^([+-]?)inf(?:inity)?$/i;

function numberOf(text: string): number {
  const [, sign] = infinity.exec(text) ?? [];
  if (sign === undefined) return Number(text);
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
