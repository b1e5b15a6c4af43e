/** Metrics as Prometheus' text format has them. Texts stay as they were written: most of them are passed on untouched. */
export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help?: string;
  readonly samples: readonly Sample[];
}

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

export interface Sample {
  /** The family's name, and for histograms and summaries a suffix. */
  readonly name: string;
  /** Between the braces, without a comma at the end: `a="1",b="2"`. */
  readonly labels: string;
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly timestamp?: string;
}
