import { Metadata, type Server, type ServiceDefinition } from '@grpc/grpc-js';
import type { RawCall } from './ads-stream.ts';
import { rawStreamMethod } from './raw-method.ts';

export const healthDiscovery = {
  streamHealthCheck: rawStreamMethod('/envoy.service.health.v3.HealthDiscoveryService/StreamHealthCheck'),
} as const satisfies ServiceDefinition;

/**
 * Health discovery: no checks are configured, so a proxy that offers its service is let wait. Refusing it would make it
 * come back again and again, as Envoy retries whatever the status.
 */
export function addHdsService(server: Server): void {
  server.addService(healthDiscovery, {
    streamHealthCheck(call: RawCall) {
      call.sendMetadata(new Metadata());
      call.on('data', () => {});
      call.on('end', () => call.end());
    },
  });
}
