import type { MeshPassthrough_Match as Match } from '../../generated/types/kuma/mesh_passthrough.ts';
import { type ClusterIr, type Protocol, passthroughName, statName } from '../../ir/index.ts';
import { type AddressRange, parseAddressRange } from '../../resources/address-range.ts';

export type MatchProtocol = NonNullable<Match['protocol']>;

/** What may pass: an item of a policy, read. */
export interface Passing {
  /** As it was written. */
  readonly value: string;
  readonly protocol: MatchProtocol;
  readonly port: number | undefined;
  /** `*` for any domain. */
  readonly to: { readonly kind: 'domain'; readonly name: string } | ({ readonly kind: 'range' } & AddressRange);
  readonly cluster: string;
}

/** Protocols of requests: they look alike until it is too late to choose, so that a port has one of them at a time. */
export const requestProtocols: ReadonlySet<MatchProtocol> = new Set(['http', 'http2', 'grpc']);

/** Protocols of which nothing is read, so that they can be told apart by address and port alone. */
export const byteProtocols: ReadonlySet<MatchProtocol> = new Set(['tcp', 'mysql']);

/** The items that can be read, validation has refused the others; of equal ones the last. */
export function passings(matches: readonly Match[]): readonly Passing[] {
  const read = matches.flatMap(({ type, value = '', port, protocol = 'tcp' }) => {
    const range = type === 'Domain' ? undefined : parseAddressRange(value);
    if (type !== 'Domain' && range === undefined) return [];
    const to: Passing['to'] = range ? { kind: 'range', ...range } : { kind: 'domain', name: value.toLowerCase() };
    return [{ value, protocol, port, to, cluster: passthroughName(protocol, value, port) }];
  });
  return [...new Map(read.map((passing) => [passing.cluster, passing])).values()];
}

const clusterProtocols: Readonly<Record<MatchProtocol, Protocol>> = {
  tcp: 'tcp',
  tls: 'tcp',
  mysql: 'tcp',
  http: 'http',
  http2: 'http2',
  grpc: 'grpc',
};

/** A domain that can be looked up is, whatever address the application had in mind: a name in a request could lie about it. */
export function passingCluster({ cluster, protocol, port, to }: Passing): ClusterIr {
  const known = to.kind === 'domain' && !to.name.startsWith('*') && port !== undefined;
  return {
    ...originalCluster(cluster),
    ...(known && { discovery: { kind: 'dns', address: { address: to.name, port } } }),
    protocol: clusterProtocols[protocol],
  };
}

/** Leads to where connections were going. */
export function originalCluster(name: string): ClusterIr {
  return {
    name,
    altStatName: statName(name),
    role: 'passthrough',
    discovery: { kind: 'original' },
    protocol: 'tcp',
    timeouts: { connect: 5_000 },
  };
}
