import type { Server, ServiceDefinition } from '@grpc/grpc-js';
import type { RawCall } from './ads-stream.ts';
import { HdsStream, type HdsStreamOptions } from './hds-stream.ts';
import { rawStreamMethod } from './raw-method.ts';
import { shuttingDown } from './shutting-down.ts';

export const healthDiscovery = {
  streamHealthCheck: rawStreamMethod('/envoy.service.health.v3.HealthDiscoveryService/StreamHealthCheck'),
} as const satisfies ServiceDefinition;

/** Health discovery on a gRPC server: proxies find out whether their applications are there. */
export function addHdsService(server: Server, options: HdsStreamOptions): { endAll(): void } {
  const streams = new Set<HdsStream>();
  server.addService(healthDiscovery, {
    streamHealthCheck(call: RawCall) {
      const stream = new HdsStream(call, options);
      streams.add(stream);
      stream.start(() => streams.delete(stream));
    },
  });
  return {
    endAll() {
      for (const stream of streams) stream.end(shuttingDown);
    },
  };
}
