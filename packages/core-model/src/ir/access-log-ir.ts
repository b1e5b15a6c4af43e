import type { CollectorIr } from './collector-ir.ts';
import type { SpiffeIdIr } from './permission-ir.ts';
import type { TemplateIr } from './template-ir.ts';

/** A record of every request that ended, or of every connection where requests cannot be told apart. */
export type AccessLogIr = (FileLogIr | TcpLogIr | CollectedLogIr | ReferredLogIr) & {
  /** Only requests on these routes, or on all others; all requests when absent. */
  readonly routes?: { readonly kind: 'only' | 'except'; readonly names: readonly string[] };
  /** Only traffic of clients in one of the ranges, or of all others, those without an identity among them; of all when absent. */
  readonly clients?:
    | { readonly kind: 'only'; readonly ranges: readonly ClientRangeIr[] }
    | { readonly kind: 'except'; readonly matches: readonly SpiffeIdIr[] };
};

/** Clients that match and none of the exceptions. */
export interface ClientRangeIr {
  readonly match: SpiffeIdIr;
  readonly except: readonly SpiffeIdIr[];
}

/** Lines in a file on the proxy's host. */
export interface FileLogIr {
  readonly kind: 'file';
  readonly path: string;
  readonly format: LineFormatIr;
}

/** Lines to a server, by way of the sidecar: it takes them from a pipe, each with the address that it goes to. */
export interface TcpLogIr {
  readonly kind: 'tcp';
  /** `host:port` */
  readonly server: string;
  /** Path of the sidecar's pipe; filled in last, as each proxy has its own. */
  readonly pipe?: string;
  readonly format: LineFormatIr;
}

/** OpenTelemetry log records. */
export interface CollectedLogIr {
  readonly kind: 'collected';
  readonly collector: CollectorIr;
  /** Over HTTP; gRPC when absent. */
  readonly path?: string;
  readonly body: OtlpValueIr;
  readonly attributes: readonly { readonly key: string; readonly value: TemplateIr }[];
  /** Whose records they are, whatever is logged. */
  readonly resource: readonly { readonly key: string; readonly value: TemplateIr }[];
}

/** OpenTelemetry log records to a collector that has a resource of its own; it is filled in last, so that it may change alone. */
export interface ReferredLogIr {
  readonly kind: 'referred';
  readonly backend: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly body: OtlpValueIr;
  readonly attributes: readonly { readonly key: string; readonly value: TemplateIr }[];
  /** Whose records they are, whatever is logged. */
  readonly resource: readonly { readonly key: string; readonly value: TemplateIr }[];
}

/** What has no value is `-` in text and `null` in JSON, or left out. */
export type LineFormatIr =
  | { readonly kind: 'plain'; readonly line: TemplateIr; readonly omitEmpty: boolean }
  | {
      readonly kind: 'json';
      readonly fields: readonly { readonly key: string; readonly value: TemplateIr }[];
      readonly omitEmpty: boolean;
    };

/** A value as OpenTelemetry knows them. */
export type OtlpValueIr =
  | { readonly kind: 'text'; readonly text: TemplateIr }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'double'; readonly value: number }
  /** Base64. */
  | { readonly kind: 'bytes'; readonly value: string }
  | { readonly kind: 'list'; readonly values: readonly OtlpValueIr[] }
  | { readonly kind: 'map'; readonly entries: readonly { readonly key: string; readonly value: OtlpValueIr }[] };
