import type { MeshCircuitBreaker_Conf as Conf } from '../../generated/types/kuma/mesh_circuit_breaker.ts';
import type { Useless } from '../policy.ts';

export function useless({ connectionLimits, outlierDetection }: Conf): readonly Useless[] {
  return [...noLimits(connectionLimits), ...(outlierDetection?.disabled === true ? [] : unusedDetectors(outlierDetection))];
}

function noLimits(limits: Conf['connectionLimits']): readonly Useless[] {
  const isEmpty = limits !== undefined && Object.keys(limits).length === 0;
  return isEmpty ? [{ path: ['connectionLimits'], why: 'has no effect: it is empty' }] : [];
}

const detector = ['outlierDetection', 'detectors'];

/** Without a number none is too many; failures of the connection are counted among all others unless they are told apart. */
function unusedDetectors({ detectors = {}, splitExternalAndLocalErrors }: Conf['outlierDetection'] = {}): readonly Useless[] {
  const uncounted = (['totalFailures', 'gatewayFailures', 'localOriginFailures'] as const).filter(
    (name) => detectors[name] !== undefined && detectors[name].consecutive === undefined,
  );
  const mixed = detectors.localOriginFailures?.consecutive !== undefined && splitExternalAndLocalErrors !== true;
  const lacking = (name: string, what: string): Useless => ({
    path: [...detector, name],
    why: `has no effect as long as ${what}`,
    lacks: true,
  });
  return [
    ...uncounted.map((name) => lacking(name, 'consecutive is not set')),
    ...(mixed ? [lacking('localOriginFailures', 'splitExternalAndLocalErrors is not true')] : []),
  ];
}
