import type { ServiceProbeIr } from '@kuma-mesh/core-model/ir/index.ts';
import { type ClusterHealthCheck, HealthCheckSpecifier } from '@kuma-mesh/envoy-api/generated/envoy/service/health/v3/hds.ts';
import { duration, socketAddress } from '../envoy/values.ts';

/** What holds for all probes of a control plane. Times are milliseconds. */
export interface ProbeDefaults {
  /** How often a proxy reports. */
  readonly reportInterval: number;
  readonly interval: number;
  readonly timeout: number;
  readonly noTrafficInterval: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** Milliseconds between reports of nothing: Envoy has no way to say never. */
const seldom = 24 * 60 * 60 * 1000;

/** What a proxy is told to find out about its applications: a serialized HealthCheckSpecifier. */
export function encodeHealthChecks(probes: readonly ServiceProbeIr[], defaults: ProbeDefaults): Uint8Array {
  return HealthCheckSpecifier.encode({
    clusterHealthChecks: probes.map((probe) => clusterHealthCheck(probe, defaults)),
    interval: duration(probes.length === 0 ? seldom : defaults.reportInterval),
  }).finish();
}

function clusterHealthCheck(probe: ServiceProbeIr, defaults: ProbeDefaults): ClusterHealthCheck {
  return {
    clusterName: probe.name,
    localityEndpoints: [{ endpoints: [{ address: socketAddress(probe.address, probe.port) }] }],
    healthChecks: [
      {
        timeout: duration(probe.timeout ?? defaults.timeout),
        interval: duration(probe.interval ?? defaults.interval),
        // Nothing but probes goes through these clusters, so that Envoy goes by this interval and by no other.
        noTrafficInterval: duration(probe.interval ?? defaults.noTrafficInterval),
        healthyThreshold: probe.healthyThreshold ?? defaults.healthyThreshold,
        unhealthyThreshold: probe.unhealthyThreshold ?? defaults.unhealthyThreshold,
        healthChecker: { $case: 'tcpHealthCheck', value: {} },
      },
    ],
  };
}
