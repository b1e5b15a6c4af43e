import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Attributes, HistogramPoint, NumberPoint, OtlpMetric, SummaryPoint } from './otlp-metric.ts';

/*
 * `ExportMetricsServiceRequest` of OTLP. Field numbers are those of opentelemetry-proto, where they may not change any more:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */

export interface Exported {
  readonly resource: Attributes;
  readonly scopeVersion: string;
  readonly metrics: readonly OtlpMetric[];
}

/** Bytes; receivers take four times this unless they are told otherwise. */
const largest = 1024 * 1024;
/** Of one metric in one message. */
const mostPoints = 1_000;

/** The messages that say it all, each as large as receivers take. */
export function encodeRequests({ resource, scopeVersion, metrics }: Exported): readonly Uint8Array[] {
  const requests: Uint8Array[] = [];
  for (const [scope, ofScope] of Map.groupBy(metrics, (metric) => metric.scope)) {
    let batch: Uint8Array[] = [];
    let size = 0;
    const flush = (): void => {
      if (batch.length > 0) requests.push(request(resource, { name: scope, version: scopeVersion }, batch));
      batch = [];
      size = 0;
    };
    for (const metric of ofScope.flatMap(inParts)) {
      const bytes = encodeMetric(metric);
      if (size + bytes.length > largest) flush();
      batch.push(bytes);
      size += bytes.length;
    }
    flush();
  }
  return requests;
}

function inParts(metric: OtlpMetric): readonly OtlpMetric[] {
  const { data } = metric;
  if (data.points.length <= mostPoints) return [metric];
  return Array.from({ length: Math.ceil(data.points.length / mostPoints) }, (_, i) => {
    const points = data.points.slice(i * mostPoints, (i + 1) * mostPoints);
    return { ...metric, data: { ...data, points } as OtlpMetric['data'] };
  });
}

function request(resource: Attributes, scope: { name: string; version: string }, metrics: readonly Uint8Array[]): Uint8Array {
  return message((request) =>
    nested(request, 1, (resourceMetrics) => {
      nested(resourceMetrics, 1, (writer) => attributes(writer, 1, resource));
      nested(resourceMetrics, 2, (scopeMetrics) => {
        nested(scopeMetrics, 1, (writer) => {
          text(writer, 1, scope.name);
          text(writer, 2, scope.version);
        });
        for (const metric of metrics) scopeMetrics.tag(2, WireType.LengthDelimited).bytes(metric);
      });
    }),
  );
}

/** Prometheus counts from when a process began, and never down. */
const cumulative = 2;

function encodeMetric({ name, description, data }: OtlpMetric): Uint8Array {
  return message((metric) => {
    text(metric, 1, name);
    text(metric, 2, description);
    switch (data.kind) {
      case 'gauge':
        return nested(metric, 5, (gauge) => points(gauge, data.points, numberPoint));
      case 'sum':
        return nested(metric, 7, (sum) => {
          points(sum, data.points, numberPoint);
          sum.tag(2, WireType.Varint).int32(cumulative).tag(3, WireType.Varint).bool(true);
        });
      case 'histogram':
        return nested(metric, 9, (histogram) => {
          points(histogram, data.points, histogramPoint);
          histogram.tag(2, WireType.Varint).int32(cumulative);
        });
      case 'summary':
        return nested(metric, 11, (summary) => points(summary, data.points, summaryPoint));
    }
  });
}

function points<Point>(writer: BinaryWriter, all: readonly Point[], write: (writer: BinaryWriter, point: Point) => void): void {
  for (const point of all) nested(writer, 1, (each) => write(each, point));
}

function numberPoint(writer: BinaryWriter, { time, value, attributes: labels }: NumberPoint): void {
  fixed64(writer, 3, time);
  double(writer, 4, value);
  attributes(writer, 7, labels);
}

function histogramPoint(writer: BinaryWriter, point: HistogramPoint): void {
  fixed64(writer, 3, point.time);
  fixed64(writer, 4, whole(point.count));
  double(writer, 5, point.sum);
  writer.tag(6, WireType.LengthDelimited).fork();
  for (const count of point.counts) writer.fixed64(whole(count));
  writer.join().tag(7, WireType.LengthDelimited).fork();
  for (const bound of point.bounds) writer.double(bound);
  writer.join();
  attributes(writer, 9, point.attributes);
}

function summaryPoint(writer: BinaryWriter, point: SummaryPoint): void {
  fixed64(writer, 3, point.time);
  fixed64(writer, 4, whole(point.count));
  double(writer, 5, point.sum);
  for (const { quantile, value } of point.quantiles) {
    nested(writer, 6, (w) => {
      double(w, 1, quantile);
      double(w, 2, value);
    });
  }
  attributes(writer, 7, point.attributes);
}

function attributes(writer: BinaryWriter, field: number, pairs: Attributes): void {
  for (const [key, value] of pairs) {
    nested(writer, field, (pair) => {
      text(pair, 1, key);
      // An empty text is a value, too.
      nested(pair, 2, (any) => any.tag(1, WireType.LengthDelimited).string(value));
    });
  }
}

function whole(count: number): bigint {
  return Number.isFinite(count) ? BigInt(Math.round(count)) : 0n;
}

function message(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

function nested(writer: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  if (value !== '') writer.tag(field, WireType.LengthDelimited).string(value);
}

function double(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Bit64).double(value);
}

function fixed64(writer: BinaryWriter, field: number, value: bigint): void {
  writer.tag(field, WireType.Bit64).fixed64(value);
}
