import type {
  MeshTrace_Backend,
  MeshTrace_Conf,
  MeshTrace_DatadogBackend,
  MeshTrace_OtelBackend,
  MeshTrace_Tag,
  MeshTrace_ZipkinBackend,
} from '../../generated/types/kuma/mesh_trace.ts';
import type { SpanTagIr, TracingIr } from '../../ir/index.ts';
import { collectorAt, defaultCollectorPort } from '../collector-address.ts';
import { decimal, defined } from '../conf-values.ts';
import type { OtelTarget } from '../otel-collector.ts';
import { readCollectorUrl } from './collector-url.ts';

/** Whose requests are traced, and where they go to; nowhere for those that come in. */
export interface TracedSide {
  readonly service: string;
  readonly destination: string | undefined;
  /** Tags that all spans of the proxy have, unless the policy has its own of that name. */
  readonly tags?: readonly SpanTagIr[];
  /** Where the reference of the backend leads. */
  readonly target?: OtelTarget | undefined;
}

type Exported = Pick<TracingIr, 'collector' | 'exporter'>;

/** undefined: there is no backend that makes sense. */
export function tracing({ backends = [], sampling = {}, tags = [] }: MeshTrace_Conf, side: TracedSide): TracingIr | undefined {
  const exported = backends[0] && exportedTo(backends[0], side);
  if (exported === undefined) return undefined;
  const { overall, client, random } = sampling;
  const stated = tags.flatMap((tag) => spanTag(tag) ?? []);
  const usual = (side.tags ?? []).filter(({ name }) => !stated.some((tag) => tag.name === name));
  return {
    ...exported,
    sampling: defined({ overall: decimal(overall), client: decimal(client), random: decimal(random) }),
    tags: [...stated, ...usual],
  };
}

function exportedTo({ type, zipkin, datadog, openTelemetry }: MeshTrace_Backend, side: TracedSide): Exported | undefined {
  if (type === 'Zipkin' && zipkin) return toZipkin(zipkin);
  if (type === 'Datadog' && datadog) return toDatadog(datadog, side);
  return type === 'OpenTelemetry' && openTelemetry ? toOpenTelemetry(openTelemetry, side) : undefined;
}

function toZipkin({ url = '', apiVersion, traceId128bit, sharedSpanContext }: MeshTrace_ZipkinBackend): Exported | undefined {
  const place = readCollectorUrl(url);
  if (place === undefined) return undefined;
  return {
    collector: { cluster: 'meshtrace:zipkin', address: place.address, protocol: 'http', tls: place.tls },
    exporter: {
      kind: 'zipkin',
      path: place.path || '/',
      format: apiVersion === 'httpProto' ? 'protobuf' : 'json',
      traceIdBits: traceId128bit === true ? 128 : 64,
      sharedSpan: sharedSpanContext !== false,
    },
  };
}

function toDatadog({ url = '', splitService }: MeshTrace_DatadogBackend, side: TracedSide): Exported | undefined {
  const place = readCollectorUrl(url);
  if (place === undefined) return undefined;
  return {
    collector: { cluster: 'meshtrace:datadog', address: place.address, protocol: 'http', tls: false },
    exporter: { kind: 'datadog', service: splitService === true ? sideName(side) : side.service },
  };
}

function sideName({ service, destination }: TracedSide): string {
  return destination === undefined ? `${service}_INBOUND` : `${service}_OUTBOUND_${destination}`;
}

const otlpPath = '/v1/traces';

function toOpenTelemetry({ endpoint = '', backendRef }: MeshTrace_OtelBackend, side: TracedSide): Exported | undefined {
  const { service, target } = side;
  const cluster = 'meshtrace:opentelemetry';
  if (backendRef) {
    if (target === undefined) return undefined;
    const exporter = { kind: 'opentelemetry', service, ...defined({ path: target.path }) } as const;
    return { collector: { cluster, ...target.collector }, exporter };
  }
  const place = readCollectorUrl(endpoint);
  if (place === undefined) {
    const address = collectorAt(endpoint, defaultCollectorPort);
    return { collector: { cluster, address, protocol: 'grpc', tls: false }, exporter: { kind: 'opentelemetry', service } };
  }
  const path = place.path === '' ? otlpPath : place.path;
  return {
    collector: { cluster, address: place.address, protocol: 'http', tls: place.tls },
    exporter: { kind: 'opentelemetry', service, path },
  };
}

function spanTag({ name = '', literal, header }: MeshTrace_Tag): SpanTagIr | undefined {
  if (header?.name) return { kind: 'header', name, header: header.name, ...defined({ default: header.default }) };
  // Envoy has no tag without a value.
  return literal ? { kind: 'literal', name, value: literal } : undefined;
}
