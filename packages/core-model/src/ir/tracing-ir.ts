import type { CollectorIr } from './collector-ir.ts';

/** Spans of the requests that a handler takes. */
export interface TracingIr {
  readonly collector: CollectorIr;
  readonly exporter: SpanExporterIr;
  /** Percentages; absent ones are 100. */
  readonly sampling: { readonly overall?: number; readonly client?: number; readonly random?: number };
  readonly tags: readonly SpanTagIr[];
}

/** How spans are told; `service` is whose they are. */
export type SpanExporterIr =
  | {
      /** The service is the proxy's own. */
      readonly kind: 'zipkin';
      readonly path: string;
      readonly format: 'json' | 'protobuf';
      readonly traceIdBits: 64 | 128;
      /** Whether both sides of a request report one span. */
      readonly sharedSpan: boolean;
    }
  | { readonly kind: 'datadog'; readonly service: string }
  | { readonly kind: 'opentelemetry'; readonly service: string /** Over HTTP; gRPC when absent. */; readonly path?: string };

export type SpanTagIr =
  | { readonly kind: 'literal'; readonly name: string; readonly value: string }
  /** Requests without the header get the default, or no tag where there is none. */
  | { readonly kind: 'header'; readonly name: string; readonly header: string; readonly default?: string };
