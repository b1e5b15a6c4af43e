import { type CollectorIr, hostPort, type TracingIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { HttpService } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/http_service.ts';
import { DatadogConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/trace/v3/datadog.ts';
import { OpenTelemetryConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/trace/v3/opentelemetry.ts';
import {
  ZipkinConfig,
  ZipkinConfig_CollectorEndpointVersion,
} from '@kuma-mesh/envoy-api/generated/envoy/config/trace/v3/zipkin.ts';
import { type Extension, extension } from '../envoy/pack.ts';
import { duration } from '../envoy/values.ts';

const exportTimeout = 10_000;

/** The tracer that reports spans to a collector. */
export function spanExporter({ collector, exporter }: TracingIr): Extension {
  const { cluster } = collector;
  switch (exporter.kind) {
    case 'zipkin':
      return extension('envoy.tracers.zipkin', ZipkinConfig, {
        collectorCluster: cluster,
        collectorEndpoint: exporter.path,
        collectorEndpointVersion: zipkinVersion[exporter.format],
        collectorHostname: hostOf(collector),
        traceId128bit: exporter.traceIdBits === 128,
        sharedSpanContext: exporter.sharedSpan,
      });
    case 'datadog':
      return extension('envoy.tracers.datadog', DatadogConfig, { collectorCluster: cluster, serviceName: exporter.service });
    case 'opentelemetry':
      return extension('envoy.tracers.opentelemetry', OpenTelemetryConfig, {
        serviceName: exporter.service,
        ...(exporter.path === undefined
          ? { grpcService: { targetSpecifier: { $case: 'envoyGrpc', value: { clusterName: cluster } } } }
          : { httpService: httpService(collector, exporter.path) }),
      });
  }
}

const zipkinVersion = {
  json: ZipkinConfig_CollectorEndpointVersion.HTTP_JSON,
  protobuf: ZipkinConfig_CollectorEndpointVersion.HTTP_PROTO,
} as const;

function httpService(collector: CollectorIr, path: string): HttpService {
  const uri = `${collector.tls ? 'https' : 'http'}://${hostOf(collector)}${path}`;
  return {
    httpUri: { uri, httpUpstreamType: { $case: 'cluster', value: collector.cluster }, timeout: duration(exportTimeout) },
  };
}

/** As a URL has it: without the port that goes without saying. */
function hostOf({ address, tls }: CollectorIr): string {
  const usual = tls ? 443 : 80;
  const { address: host, port } = address;
  return port === usual ? (host.includes(':') ? `[${host}]` : host) : hostPort(host, port);
}
