import type { OutlierDetectionIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { OutlierDetection } from '@kuma-mesh/envoy-api/generated/envoy/config/cluster/v3/outlier_detection.ts';
import { duration } from '../envoy/values.ts';

/** Detectors that nobody asked for are switched off; Envoy would enforce some of them by default. */
export function outlierDetection(ir: OutlierDetectionIr): OutlierDetection {
  const { totalFailures, gatewayFailures, localOriginFailures, successRate, failurePercentage } = ir;
  const split = ir.splitExternalAndLocalErrors === true;
  return {
    interval: duration(ir.interval),
    baseEjectionTime: duration(ir.baseEjectionTime),
    maxEjectionPercent: ir.maxEjectionPercent,
    // As Kuma documents it. Envoy by itself ejects nobody of fewer than ten at its default of 10 percent.
    alwaysEjectOneHost: true,
    splitExternalLocalOriginErrors: split,

    enforcingConsecutive5xx: enforcing(totalFailures),
    consecutive5xx: totalFailures,

    enforcingConsecutiveGatewayFailure: enforcing(gatewayFailures),
    consecutiveGatewayFailure: gatewayFailures,

    enforcingConsecutiveLocalOriginFailure: enforcing(localOriginFailures),
    consecutiveLocalOriginFailure: localOriginFailures,

    enforcingSuccessRate: enforcing(successRate),
    enforcingLocalOriginSuccessRate: enforcing(split && successRate),
    successRateMinimumHosts: successRate?.minimumHosts,
    successRateRequestVolume: successRate?.requestVolume,
    // Envoy counts thousandths.
    successRateStdevFactor: thousandths(successRate?.standardDeviationFactor),

    enforcingFailurePercentage: enforcing(failurePercentage),
    enforcingFailurePercentageLocalOrigin: enforcing(split && failurePercentage),
    failurePercentageMinimumHosts: failurePercentage?.minimumHosts,
    failurePercentageRequestVolume: failurePercentage?.requestVolume,
    failurePercentageThreshold: failurePercentage?.threshold,
  };
}

function enforcing(detector: object | number | false | undefined): number {
  return detector ? 100 : 0;
}

/** As many as a field can hold, at most: nobody is millions of standard deviations away. */
function thousandths(factor: number | undefined): number | undefined {
  return factor === undefined ? undefined : Math.min(Math.round(factor * 1000), 2 ** 32 - 1);
}
