import type { TracingIr } from '@kuma-mesh/core-model/ir/index.ts';
import { DatadogConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/trace/v3/datadog.ts';
import { OpenTelemetryConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/trace/v3/opentelemetry.ts';
import {
  ZipkinConfig,
  ZipkinConfig_CollectorEndpointVersion,
} from '@kuma-mesh/envoy-api/generated/envoy/config/trace/v3/zipkin.ts';
import { collectorHost, grpcService, httpService } from '../envoy/collector-service.ts';
import { type Extension, extension } from '../envoy/pack.ts';

/** The tracer that reports spans to a collector. */
export function spanExporter({ collector, exporter }: TracingIr): Extension {
  const { cluster } = collector;
  switch (exporter.kind) {
    case 'zipkin':
      return extension('envoy.tracers.zipkin', ZipkinConfig, {
        collectorCluster: cluster,
        collectorEndpoint: exporter.path,
        collectorEndpointVersion: zipkinVersion[exporter.format],
        collectorHostname: collectorHost(collector),
        traceId128bit: exporter.traceIdBits === 128,
        sharedSpanContext: exporter.sharedSpan,
      });
    case 'datadog':
      return extension('envoy.tracers.datadog', DatadogConfig, {
        collectorCluster: cluster,
        serviceName: exporter.service,
        collectorHostname: collectorHost(collector),
      });
    case 'opentelemetry':
      return extension('envoy.tracers.opentelemetry', OpenTelemetryConfig, {
        serviceName: exporter.service,
        ...(exporter.path === undefined
          ? { grpcService: grpcService(collector) }
          : { httpService: httpService(collector, exporter.path) }),
      });
  }
}

const zipkinVersion = {
  json: ZipkinConfig_CollectorEndpointVersion.HTTP_JSON,
  protobuf: ZipkinConfig_CollectorEndpointVersion.HTTP_PROTO,
} as const;
