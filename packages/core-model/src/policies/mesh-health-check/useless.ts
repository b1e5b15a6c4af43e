import type { MeshHealthCheck_Conf as Conf } from '../../generated/types/kuma/mesh_health_check.ts';
import type { Useless } from '../policy.ts';

/** Failures that are written nowhere. */
export function useless({ alwaysLogHealthCheckFailures, eventLogPath }: Conf): readonly Useless[] {
  if (alwaysLogHealthCheckFailures !== true || eventLogPath) return [];
  const why = 'has no effect as long as eventLogPath is not set';
  return [{ path: ['alwaysLogHealthCheckFailures'], why, lacks: true }];
}
