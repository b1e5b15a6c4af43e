import type {
  MeshCircuitBreaker_Conf,
  MeshCircuitBreaker_ConnectionLimits,
  MeshCircuitBreaker_OutlierDetection,
} from '../../generated/types/kuma/mesh_circuit_breaker.ts';
import type { ClusterIr, ConnectionLimitsIr, OutlierDetectionIr } from '../../ir/index.ts';
import { decimal, defined, milliseconds } from '../conf-values.ts';
import type { Policy } from '../policy.ts';
import { useless } from './useless.ts';

/** Limits of connections and requests, and the ejection of endpoints that fail. */
export const meshCircuitBreaker: Policy<MeshCircuitBreaker_Conf> = {
  kind: 'MeshCircuitBreaker',
  inbound: { cluster: (cluster, { merged }) => (merged ? guarded(cluster, merged.conf) : cluster) },
  outbound: { cluster: (cluster, conf) => guarded(cluster, conf) },
  useless,
};

function guarded(cluster: ClusterIr, { connectionLimits, outlierDetection }: MeshCircuitBreaker_Conf): ClusterIr {
  const detection = outlierDetection?.disabled === true ? undefined : outlierDetection;
  return {
    ...cluster,
    ...(connectionLimits && { limits: limits(connectionLimits) }),
    ...(detection && { outlierDetection: outliers(detection) }),
    ...defined({ panicThreshold: decimal(detection?.healthyPanicThreshold) }),
  };
}

function limits(conf: MeshCircuitBreaker_ConnectionLimits): ConnectionLimitsIr {
  return defined({
    connectionPools: conf.maxConnectionPools,
    connections: conf.maxConnections,
    pendingRequests: conf.maxPendingRequests,
    retries: conf.maxRetries,
    requests: conf.maxRequests,
  });
}

function outliers({ detectors = {}, ...conf }: MeshCircuitBreaker_OutlierDetection): OutlierDetectionIr {
  const { totalFailures, gatewayFailures, localOriginFailures, successRate, failurePercentage } = detectors;
  return defined({
    interval: milliseconds(conf.interval),
    baseEjectionTime: milliseconds(conf.baseEjectionTime),
    maxEjectionPercent: conf.maxEjectionPercent,
    splitExternalAndLocalErrors: conf.splitExternalAndLocalErrors,
    totalFailures: totalFailures?.consecutive,
    gatewayFailures: gatewayFailures?.consecutive,
    localOriginFailures: localOriginFailures?.consecutive,
    successRate:
      successRate &&
      defined({
        minimumHosts: successRate.minimumHosts,
        requestVolume: successRate.requestVolume,
        standardDeviationFactor: decimal(successRate.standardDeviationFactor),
      }),
    failurePercentage:
      failurePercentage &&
      defined({
        minimumHosts: failurePercentage.minimumHosts,
        requestVolume: failurePercentage.requestVolume,
        threshold: failurePercentage.threshold,
      }),
  });
}
