import type {
  MeshHealthCheck_Conf as Conf,
  MeshHealthCheck_HeaderModifier as HeaderModifier,
} from '../../generated/types/kuma/mesh_health_check.ts';
import {
  type ClusterIr,
  type HeaderChangesIr,
  type HealthCheckIr,
  type HealthProbeIr,
  isHttp,
  type Protocol,
} from '../../ir/index.ts';
import { decimal, defined, milliseconds } from '../conf-values.ts';
import { header } from '../headers.ts';
import type { Policy } from '../policy.ts';
import { costly } from './costly.ts';
import { useless } from './useless.ts';

/** Probes of a destination's endpoints; those that fail get no traffic. */
export const meshHealthCheck: Policy<Conf> = {
  kind: 'MeshHealthCheck',
  outbound: { cluster: (cluster, conf, { protocol }) => checked(cluster, conf, protocol) },
  useless,
  costly,
};

function checked(cluster: ClusterIr, conf: Conf, protocol: Protocol): ClusterIr {
  const probe = probeFor(protocol, conf);
  return {
    ...cluster,
    ...(probe && { healthCheck: healthCheck(probe, conf) }),
    ...defined({ panicThreshold: decimal(conf.healthyPanicThreshold), failTrafficOnPanic: conf.failTrafficOnPanic }),
  };
}

/** What the protocol can be asked; a connection where there is no such probe, as every protocol has connections. */
function probeFor(protocol: Protocol, { tcp, http, grpc }: Conf): HealthProbeIr | undefined {
  if (protocol === 'grpc' && grpc && grpc.disabled !== true) {
    return { kind: 'grpc', ...defined({ service: grpc.serviceName, authority: grpc.authority }) };
  }
  if (protocol !== 'grpc' && isHttp(protocol) && http && http.disabled !== true) {
    return {
      kind: 'http',
      path: http.path ?? '/',
      expectedStatuses: http.expectedStatuses ?? [],
      headers: headers(http.requestHeadersToAdd),
    };
  }
  if (!tcp || tcp.disabled === true) return undefined;
  // Empty bytes are none to send, and every answer has them; proxies take neither.
  const { send = '', receive = [] } = tcp;
  return { kind: 'tcp', ...(hasBytes(send) && { send }), receive: receive.filter(hasBytes) };
}

function hasBytes(base64: string): boolean {
  return /[A-Za-z0-9+/]/.test(base64);
}

function headers({ set = [], add = [] }: HeaderModifier = {}): HeaderChangesIr {
  return { set: set.map(header), add: add.map(header), remove: [] };
}

function healthCheck(probe: HealthProbeIr, conf: Conf): HealthCheckIr {
  return {
    probe,
    interval: milliseconds(conf.interval) ?? 60_000,
    timeout: milliseconds(conf.timeout) ?? 15_000,
    unhealthyThreshold: conf.unhealthyThreshold ?? 5,
    healthyThreshold: conf.healthyThreshold ?? 1,
    ...defined({
      initialJitter: milliseconds(conf.initialJitter),
      intervalJitter: milliseconds(conf.intervalJitter),
      intervalJitterPercent: conf.intervalJitterPercent,
      noTrafficInterval: milliseconds(conf.noTrafficInterval),
      reuseConnection: conf.reuseConnection,
      eventLog: conf.eventLogPath,
      logEveryFailure: conf.alwaysLogHealthCheckFailures,
    }),
  };
}
