import type { HealthCheckIr, HealthProbeIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Cluster } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/cluster.ts';
import type { HealthCheck, HealthCheck_Payload } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/health_check.ts';
import { HealthCheckEventFileSink } from '@kuma-mesh/envoy-api/generated/envoy/extensions/health_check/event_sinks/file/v3/file.ts';
import { CodecClientType } from '@kuma-mesh/envoy-api/generated/envoy/type/v3/http.ts';
import { extension } from '../envoy/pack.ts';
import { duration } from '../envoy/values.ts';
import { headersToAdd } from '../routes/headers.ts';

export function healthChecking(ir: HealthCheckIr): Pick<Cluster, 'healthChecks' | 'ignoreHealthOnHostRemoval'> {
  return {
    healthChecks: [healthCheck(ir)],
    // Otherwise Envoy keeps sending to an endpoint that left the mesh until a probe fails: one that drains leaves at once.
    ignoreHealthOnHostRemoval: true,
  };
}

function healthCheck(ir: HealthCheckIr): HealthCheck {
  return {
    timeout: duration(ir.timeout),
    interval: duration(ir.interval),
    initialJitter: duration(ir.initialJitter),
    intervalJitter: duration(ir.intervalJitter),
    intervalJitterPercent: ir.intervalJitterPercent,
    unhealthyThreshold: ir.unhealthyThreshold,
    healthyThreshold: ir.healthyThreshold,
    noTrafficInterval: duration(ir.noTrafficInterval),
    reuseConnection: ir.reuseConnection,
    healthChecker: probe(ir.probe),
    ...(ir.eventLog !== undefined && {
      eventLogger: [
        extension('envoy.health_check.event_sinks.file', HealthCheckEventFileSink, { eventLogPath: ir.eventLog }),
      ].map(({ name, configType }) => ({ name, typedConfig: configType.value })),
    }),
    alwaysLogHealthCheckFailures: ir.logEveryFailure,
  };
}

function probe(ir: HealthProbeIr): HealthCheck['healthChecker'] {
  switch (ir.kind) {
    case 'tcp':
      return {
        $case: 'tcpHealthCheck',
        value: { ...(ir.send !== undefined && { send: bytes(ir.send) }), receive: ir.receive.map(bytes) },
      };
    case 'http':
      return {
        $case: 'httpHealthCheck',
        value: {
          path: ir.path,
          expectedStatuses: ir.expectedStatuses.map((status) => ({ start: status, end: status + 1 })),
          requestHeadersToAdd: headersToAdd(ir.headers),
          // The other end is a proxy of ours.
          codecClientType: CodecClientType.HTTP2,
        },
      };
    case 'grpc':
      return { $case: 'grpcHealthCheck', value: { serviceName: ir.service, authority: ir.authority } };
  }
}

/** Envoy takes text as hexadecimal digits. */
function bytes(base64: string): HealthCheck_Payload {
  return { payload: { $case: 'text', value: Buffer.from(base64, 'base64').toString('hex') } };
}
