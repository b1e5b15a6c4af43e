import type { MeshPassthrough_Match as Match, MeshPassthrough } from '../../generated/types/kuma/mesh_passthrough.ts';
import { parseAddressRange } from '../../resources/address-range.ts';
import { isHostName, isIpAddress } from '../../resources/addresses.ts';
import { unique } from '../../resources/checks.ts';
import type { Problem } from '../../resources/resource.ts';
import { byteProtocols, requestProtocols } from './passing.ts';

export function validateMeshPassthrough(spec: MeshPassthrough): Problem[] {
  const matches = spec.default?.appendMatch ?? [];
  const at = (index: number) => `spec.default.appendMatch[${index}]`;
  return [
    ...matches.flatMap((match, index) => [...valueProblems(at(index), match), ...portProblems(at(index), match, matches)]),
    ...unique(
      matches,
      ({ port, protocol = 'tcp', value }) => (port === undefined ? undefined : `${value}, ${protocol} at port ${port},`),
      (index) => `${at(index)}.value`,
    ),
  ];
}

function valueProblems(at: string, { type, value = '', protocol = 'tcp' }: Match): Problem[] {
  const wrong = (reason: string) => [{ field: `${at}.value`, reason: `${reason}; got ${JSON.stringify(value)}` }];
  switch (type) {
    case undefined:
      return [];
    case 'IP':
      return isIpAddress(value) ? [] : wrong('must be an IP address');
    case 'CIDR':
      return value.includes('/') && parseAddressRange(value) ? [] : wrong('must be a range of IP addresses such as 10.0.0.0/8');
    case 'Domain':
      return [
        ...(isDomain(value) ? [] : wrong('must be a domain such as example.com or *.example.com')),
        ...(byteProtocols.has(protocol)
          ? [{ field: `${at}.protocol`, reason: `must be tls, http, http2 or grpc: ${protocol} does not tell the domain` }]
          : []),
      ];
  }
}

/** With a wildcard for whole labels in front, or alone. */
function isDomain(value: string): boolean {
  return value === '*' || isHostName(value.startsWith('*.') ? value.slice(2) : value);
}

function portProblems(at: string, { type, value = '', port, protocol = 'tcp' }: Match, all: readonly Match[]): Problem[] {
  const field = `${at}.port`;
  if (port === undefined) {
    if (protocol === 'mysql') return [{ field, reason: 'must be set: at other ports no server of mysql could speak first' }];
    if (type === 'Domain' && value.startsWith('*') && requestProtocols.has(protocol))
      return [{ field, reason: `must be set for ${protocol} to a domain with a wildcard` }];
    return [];
  }
  // The first says what is spoken at the port, and what does not go with that is told.
  const others = all.filter((other) => other.port === port).map((other) => other.protocol ?? 'tcp');
  const first = others.find((other) => requestProtocols.has(other));
  if (requestProtocols.has(protocol) && first !== protocol)
    return [{ field, reason: `port ${port} carries ${first} already, and requests of both look alike` }];
  if (protocol !== 'mysql' && !byteProtocols.has(protocol) && others.includes('mysql'))
    return [
      { field, reason: `port ${port} carries mysql, whose servers speak first, so that ${protocol} cannot be told from it` },
    ];
  return [];
}
