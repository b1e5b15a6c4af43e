import type {
  MeshFaultInjection_Conf as Conf,
  MeshFaultInjection_Fault as Fault,
  MeshFaultInjection,
} from '../../generated/types/kuma/mesh_fault_injection.ts';
import { percentage } from '../../resources/checks.ts';
import { rulesMatchProblems } from '../../resources/client-match.ts';
import { gatewayDestinationProblems } from '../../resources/gateway-destinations.ts';
import type { Problem } from '../../resources/resource.ts';
import { highestBandwidth, kibibytesPerSecond } from './bandwidth.ts';

export function validateMeshFaultInjection(spec: MeshFaultInjection): Problem[] {
  return [
    ...gatewayDestinationProblems(spec),
    ...(['to', 'from', 'rules'] as const).flatMap((part) =>
      (spec[part] ?? []).flatMap((item, index) => confProblems(`spec.${part}[${index}].default`, item.default)),
    ),
    ...rulesMatchProblems(spec.rules),
  ];
}

function confProblems(at: string, conf: Conf | undefined): Problem[] {
  return (conf?.http ?? []).flatMap((fault, index) => faultProblems(`${at}.http[${index}]`, fault));
}

function faultProblems(at: string, { abort, delay, responseBandwidth }: Fault): Problem[] {
  return [
    ...percentage(`${at}.abort.percentage`, abort?.percentage),
    ...percentage(`${at}.delay.percentage`, delay?.percentage),
    ...percentage(`${at}.responseBandwidth.percentage`, responseBandwidth?.percentage),
    ...bandwidth(`${at}.responseBandwidth.limit`, responseBandwidth?.limit),
  ];
}

function bandwidth(field: string, limit: string | undefined): Problem[] {
  if (limit === undefined || kibibytesPerSecond(limit) !== undefined) return [];
  const expected = `a whole number from 1 to ${highestBandwidth} of bps, kbps, Mbps or Gbps, such as 50Mbps`;
  return [{ field, reason: `must be ${expected}; got ${JSON.stringify(limit)}` }];
}
