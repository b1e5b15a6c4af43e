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
    ...wholeBytes(`${at}.tcp.send`, conf?.tcp?.send),
    ...(conf?.tcp?.receive ?? []).flatMap((block, index) => wholeBytes(`${at}.tcp.receive[${index}]`, block)),
    ...(['set', 'add'] as const).flatMap((list) =>
      (conf?.http?.requestHeadersToAdd?.[list] ?? []).flatMap((header, index) =>
        headerProblems(`${at}.http.requestHeadersToAdd.${list}[${index}]`, header),
      ),
    ),
  ];
}

/** Of four characters of base64 one alone is six bits. */
function wholeBytes(field: string, base64 = ''): Problem[] {
  if (base64.replaceAll(/[^A-Za-z0-9+/]/g, '').length % 4 !== 1) return [];
  return [{ field, reason: 'must be base64 of whole bytes: one character is missing or too many' }];
}
