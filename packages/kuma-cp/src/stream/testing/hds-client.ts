import { Client, credentials, Metadata } from '@grpc/grpc-js';
import {
  type HealthCheckRequestOrEndpointHealthResponse,
  type HealthCheckSpecifier,
  HealthDiscoveryServiceService,
  type HealthStatus,
} from '@kuma-mesh/envoy-api/health-discovery.ts';
import { AdsClient, type Target } from './ads-client.ts';

export type HdsClient = AdsClient<HealthCheckRequestOrEndpointHealthResponse, HealthCheckSpecifier>;

/** A peer of health discovery that says exactly what a test has it say. */
export function hdsClient({ server, certificate }: Target, token?: string): HdsClient {
  const client = new Client(`localhost:${server.port}`, credentials.createSsl(Buffer.from(certificate)), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const metadata = new Metadata();
  if (token) metadata.set('authorization', token);
  const { path, requestSerialize, responseDeserialize } = HealthDiscoveryServiceService.streamHealthCheck;
  return new AdsClient(client, client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata));
}

export function offer(id: string): HealthCheckRequestOrEndpointHealthResponse {
  return { requestType: { $case: 'healthCheckRequest', value: { node: { id, metadata: {} }, capability: {} } } };
}

/** A report as Envoy writes it, of clusters with one endpoint each. */
export function report(statuses: Readonly<Record<string, HealthStatus>>): HealthCheckRequestOrEndpointHealthResponse {
  const clusterEndpointsHealth = Object.entries(statuses).map(([clusterName, healthStatus]) => ({
    clusterName,
    localityEndpointsHealth: [{ endpointsHealth: [{ healthStatus }] }],
  }));
  return { requestType: { $case: 'endpointHealthResponse', value: { clusterEndpointsHealth } } };
}
