import type { MeshHealthCheck_Conf as Conf, MeshHealthCheck } from '../../generated/types/kuma/mesh_health_check.ts';
import { absolutePath, atLeastOne, moreThanZero, percentage } from '../../resources/checks.ts';
import type { Problem } from '../../resources/resource.ts';
import { headerProblems } from '../headers.ts';

const times = ['interval', 'timeout', 'initialJitter', 'intervalJitter', 'noTrafficInterval'] as const;

export function validateMeshHealthCheck(spec: MeshHealthCheck): Problem[] {
  return (spec.to ?? []).flatMap((item, index) => confProblems(`spec.to[${index}].default`, item.default));
}

function confProblems(at: string, conf: Conf | undefined): Problem[] {
  return [
    ...atLeastOne(at, conf, ['http', 'tcp', 'grpc']),
    ...times.flatMap((name) => moreThanZero(`${at}.${name}`, conf?.[name])),
    ...percentage(`${at}.healthyPanicThreshold`, conf?.healthyPanicThreshold),
    ...absolutePath(`${at}.eventLogPath`, conf?.eventLogPath),
    ...(conf?.http?.path === '' ? [{ field: `${at}.http.path`, reason: 'must be absent or not empty' }] : []),
    ...(['set', 'add'] as const).flatMap((list) =>
      (conf?.http?.requestHeadersToAdd?.[list] ?? []).flatMap((header, index) =>
        headerProblems(`${at}.http.requestHeadersToAdd.${list}[${index}]`, header),
      ),
    ),
  ];
}
