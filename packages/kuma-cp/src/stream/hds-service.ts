import { Metadata, type Server, type ServiceDefinition } from '@grpc/grpc-js';
import type { RawCall } from './ads-stream.ts';
import { rawStreamMethod } from './raw-method.ts';
import { shuttingDown } from './shutting-down.ts';

export const healthDiscovery = {
  streamHealthCheck: rawStreamMethod('/envoy.service.health.v3.HealthDiscoveryService/StreamHealthCheck'),
} as const satisfies ServiceDefinition;

/**
 * Health discovery: no checks are configured, so a proxy that offers its service is let wait. Refusing it would make it
 * come back again and again, as Envoy retries whatever the status.
 */
export function addHdsService(server: Server): { endAll(): void } {
  const calls = new Set<RawCall>();
  server.addService(healthDiscovery, {
    streamHealthCheck(call: RawCall) {
      calls.add(call);
      const forget = (): void => {
        calls.delete(call);
      };
      call.on('close', forget);
      call.on('cancelled', forget);
      call.on('error', forget);
      call.on('data', () => {});
      call.on('end', () => call.end());
      call.sendMetadata(new Metadata());
    },
  });
  return {
    endAll() {
      for (const call of calls) {
        call.emit('error', shuttingDown);
      }
    },
  };
}
