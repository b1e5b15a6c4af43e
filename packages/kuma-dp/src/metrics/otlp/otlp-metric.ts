/** What OTLP says of one metric. Times are nanoseconds since 1970. */
export interface OtlpMetric {
  readonly scope: string;
  readonly name: string;
  readonly description: string;
  readonly data:
    | { readonly kind: 'gauge' | 'sum'; readonly points: readonly NumberPoint[] }
    | { readonly kind: 'histogram'; readonly points: readonly HistogramPoint[] }
    | { readonly kind: 'summary'; readonly points: readonly SummaryPoint[] };
}

export type Attributes = readonly (readonly [key: string, value: string])[];

interface Point {
  readonly attributes: Attributes;
  readonly time: bigint;
}

export interface NumberPoint extends Point {
  readonly value: number;
}

export interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number;
  /** Upper bounds, less the infinite one. */
  readonly bounds: readonly number[];
  /** Of each bucket alone, the infinite one last. */
  readonly counts: readonly number[];
}

export interface SummaryPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}
