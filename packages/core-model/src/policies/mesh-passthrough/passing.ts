import type { MeshPassthrough_Match as Match } from '../../generated/types/kuma/mesh_passthrough.ts';
import { type ClusterIr, type Protocol, passthroughName } from '../../ir/index.ts';
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

/** Protocols of requests: what comes in looks alike, so that of one place there can be one of them. */
export const requestProtocols: ReadonlySet<MatchProtocol> = new Set(['http', 'http2', 'grpc']);

/** Protocols of which nothing is read, so that they can be told apart by address and port alone. */
export const byteProtocols: ReadonlySet<MatchProtocol> = new Set(['tcp', 'mysql']);

/** The items that can be read, validation has refused the others; of equal ones the last. */
export function passings(matches: readonly Match[]): readonly Passing[] {
  return lastOfEqual(matches.flatMap(readMatch));
}

export function readMatch({ type, value = '', port, protocol = 'tcp' }: Match): readonly Passing[] {
  const range = type === 'Domain' ? undefined : parseAddressRange(value);
  if (type !== 'Domain' && range === undefined) return [];
  const to: Passing['to'] = range ? { kind: 'range', ...range } : { kind: 'domain', name: value.toLowerCase() };
  return [{ value, protocol, port, to, cluster: passthroughName(protocol, value, port) }];
}

export function lastOfEqual<Item extends Passing>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [item.cluster, item])).values()];
}

/** A range of addresses; what no range says is one place, and a range of all addresses says no more: Envoy takes only one of the two. */
export function placeOf({ to }: Passing): string {
  return to.kind === 'range' && to.prefixLength > 0 ? `${to.address}/${to.prefixLength}` : '';
}

/** Who is asked for there, `*` for anybody. */
export function nameOf({ to }: Passing): string {
  return to.kind === 'domain' ? to.name : '*';
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
    role: 'passthrough',
    discovery: { kind: 'original' },
    protocol: 'tcp',
    timeouts: { connect: 5_000 },
  };
}
