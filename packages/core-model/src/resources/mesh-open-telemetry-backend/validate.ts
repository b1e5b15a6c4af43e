import type { MeshOpenTelemetryBackend } from '../../generated/types/kuma/mesh_open_telemetry_backend.ts';
import { isHostName, isIpAddress } from '../addresses.ts';
import { mustBeAbsent, type Problem } from '../resource.ts';

/** An empty specification is a collector at the usual port of the proxy's own host. */
export function validateMeshOpenTelemetryBackend({ endpoint = {}, protocol }: MeshOpenTelemetryBackend): Problem[] {
  const at = 'spec.endpoint';
  const { address, path } = endpoint;
  const isAddress = address === undefined || isIpAddress(address) || isHostName(address);
  return [
    ...(isAddress
      ? []
      : [{ field: `${at}.address`, reason: `must be an IP address or a DNS name; got ${JSON.stringify(address)}` }]),
    ...(path ? pathProblems(`${at}.path`, path, protocol === 'http') : []),
  ];
}

function pathProblems(field: string, path: string, overHttp: boolean): Problem[] {
  if (!overHttp) return [mustBeAbsent(field, ' unless spec.protocol is http: gRPC has paths of its own')];
  if (/^\/[^\s?#]*$/.test(path)) return [];
  return [{ field, reason: `must be a path that begins with /, without a query; got ${JSON.stringify(path)}` }];
}
