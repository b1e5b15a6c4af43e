import type { MeshCircuitBreaker_Conf as Conf } from '../../generated/types/kuma/mesh_circuit_breaker.ts';
import type { Useless } from '../policy.ts';

export function useless({ connectionLimits, outlierDetection }: Conf): readonly Useless[] {
  return [...noLimits(connectionLimits), ...localFailures(outlierDetection)];
}

function noLimits(limits: Conf['connectionLimits']): readonly Useless[] {
  const isEmpty = limits !== undefined && Object.keys(limits).length === 0;
  return isEmpty ? [{ path: ['connectionLimits'], why: 'has no effect: it is empty' }] : [];
}

/** Failures of the connection are counted among all others unless they are told apart. */
function localFailures({ disabled, detectors, splitExternalAndLocalErrors }: Conf['outlierDetection'] = {}): readonly Useless[] {
  if (disabled === true || detectors?.localOriginFailures === undefined || splitExternalAndLocalErrors === true) return [];
  const path = ['outlierDetection', 'detectors', 'localOriginFailures'];
  return [{ path, why: 'has no effect as long as splitExternalAndLocalErrors is not true' }];
}
