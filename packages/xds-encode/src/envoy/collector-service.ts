import { type CollectorIr, hostPort } from '@kuma-mesh/core-model/ir/index.ts';
import type { GrpcService } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/grpc_service.ts';
import type { HttpService } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/http_service.ts';
import { duration } from './values.ts';

const exportTimeout = 10_000;

export function grpcService({ cluster }: CollectorIr): GrpcService {
  return { targetSpecifier: { $case: 'envoyGrpc', value: { clusterName: cluster } } };
}

export function httpService(collector: CollectorIr, path: string): HttpService {
  const uri = `${collector.tls ? 'https' : 'http'}://${collectorHost(collector)}${path}`;
  return {
    httpUri: { uri, httpUpstreamType: { $case: 'cluster', value: collector.cluster }, timeout: duration(exportTimeout) },
  };
}

/** As a URL has it: without the port that goes without saying. */
export function collectorHost({ address, tls }: CollectorIr): string {
  const usual = tls ? 443 : 80;
  const { address: host, port } = address;
  return port === usual ? (host.includes(':') ? `[${host}]` : host) : hostPort(host, port);
}
