import type {
  MeshCircuitBreaker_Conf as Conf,
  MeshCircuitBreaker,
  MeshCircuitBreaker_OutlierDetection as OutlierDetection,
} from '../../generated/types/kuma/mesh_circuit_breaker.ts';
import { atLeastOne, moreThanZero, percentage } from '../../resources/checks.ts';
import type { Problem } from '../../resources/resource.ts';

const detectors = ['totalFailures', 'gatewayFailures', 'localOriginFailures', 'successRate', 'failurePercentage'];

export function validateMeshCircuitBreaker(spec: MeshCircuitBreaker): Problem[] {
  return (['to', 'from', 'rules'] as const).flatMap((part) =>
    (spec[part] ?? []).flatMap((item, index) => confProblems(`spec.${part}[${index}].default`, item.default)),
  );
}

function confProblems(at: string, conf: Conf | undefined): Problem[] {
  const missing = atLeastOne(at, conf, ['connectionLimits', 'outlierDetection']);
  if (!conf || missing.length > 0) return missing;
  return conf.outlierDetection ? outlierProblems(`${at}.outlierDetection`, conf.outlierDetection) : [];
}

function outlierProblems(at: string, detection: OutlierDetection): Problem[] {
  const factor = detection.detectors?.successRate?.standardDeviationFactor;
  return [
    ...moreThanZero(`${at}.interval`, detection.interval),
    ...moreThanZero(`${at}.baseEjectionTime`, detection.baseEjectionTime),
    ...percentage(`${at}.healthyPanicThreshold`, detection.healthyPanicThreshold),
    ...detectorProblems(at, detection),
    ...(factor !== undefined && Number(factor) <= 0
      ? [
          {
            field: `${at}.detectors.successRate.standardDeviationFactor`,
            reason: `must be more than 0; got ${JSON.stringify(factor)}`,
          },
        ]
      : []),
  ];
}

function detectorProblems(at: string, detection: OutlierDetection): Problem[] {
  const idle = detection.disabled === true || detection.healthyPanicThreshold !== undefined;
  if (detection.detectors === undefined && idle) return [];
  const problems = atLeastOne(`${at}.detectors`, detection.detectors, detectors);
  if (detection.detectors !== undefined) return problems;
  return problems.map((problem) => ({ ...problem, given: [`${at}.disabled`, `${at}.healthyPanicThreshold`] }));
}
