import type { Server, ServiceDefinition, status } from '@grpc/grpc-js';
import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';
import { AdsStream, type AdsStreamOptions, type RawCall } from './ads-stream.ts';
import { delta } from './delta.ts';
import type { AnyRequest, Dialect } from './dialect.ts';
import { rawStreamMethod } from './raw-method.ts';
import { shuttingDown } from './shutting-down.ts';
import { sotw } from './sotw.ts';

const service = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

export const aggregatedDiscovery = {
  streamAggregatedResources: rawStreamMethod(`${service}/StreamAggregatedResources`),
  deltaAggregatedResources: rawStreamMethod(`${service}/DeltaAggregatedResources`),
} as const satisfies ServiceDefinition;

/** The streams being served. */
export interface AdsService {
  readonly size: number;
  /** Ends all streams, so that the proxies connect to another control plane. */
  endAll(): void;
}

/** Both forms of ADS on a gRPC server, over the same sessions. */
export function addAdsService(server: Server, options: Omit<AdsStreamOptions, 'refusedBefore'>): AdsService {
  const all = { ...options, refusedBefore: new WeakSet<EncodedResource>() };
  const streams = new Set<{ end(reason: { code: status; details: string }): void }>();
  const serve =
    <Request extends AnyRequest>(dialect: Dialect<Request>) =>
    (call: RawCall): void => {
      const stream = new AdsStream(call, dialect, all);
      streams.add(stream);
      stream.start(() => streams.delete(stream));
    };
  server.addService(aggregatedDiscovery, {
    streamAggregatedResources: serve(sotw),
    deltaAggregatedResources: serve(delta),
  });
  return {
    get size() {
      return streams.size;
    },
    endAll() {
      for (const stream of streams) {
        stream.end(shuttingDown);
      }
    },
  };
}
