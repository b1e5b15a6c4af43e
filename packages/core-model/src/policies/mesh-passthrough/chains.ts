import { type PassthroughChainIr, type PassthroughIr, passthroughName } from '../../ir/index.ts';
import { byteProtocols, nameOf, type Passing, placeOf, requestProtocols } from './passing.ts';

type Matched = Extract<PassthroughIr, { kind: 'matched' }>;

/**
 * How connections of one family of addresses pass.
 *
 * Chains of one port do not stand in for those of another. So what passes at any port is there again at each port that
 * something is said of, where what is said of the port counts more.
 */
export function passthroughChains(family: 'ipv4' | 'ipv6', all: readonly Passing[]): Matched {
  const here = all.filter(({ to }) => to.kind === 'domain' || to.family === family);
  const ports = [...new Set(here.flatMap(({ port }) => port ?? []))].sort((a, b) => a - b);
  const slots = [...ports, undefined].map((port) => {
    const passing = [
      ...here.filter((one) => one.port === undefined),
      ...here.filter((one) => port !== undefined && one.port === port),
    ];
    const unread = staysUnread(passing);
    return { port, unread, passing: unread ? passing.filter(({ protocol }) => byteProtocols.has(protocol)) : passing };
  });
  return {
    kind: 'matched',
    chains: slots.flatMap(portChains),
    unreadPorts: slots.flatMap(({ port, unread }) => (port !== undefined && unread ? port : [])),
  };
}

/** A server of mysql speaks first: whoever waits for the client would wait forever. */
function staysUnread(passing: readonly Passing[]): boolean {
  return passing.some(({ protocol }) => protocol === 'mysql') || passing.every(({ protocol }) => byteProtocols.has(protocol));
}

interface Slot {
  /** Absent: all ports that nothing is said of. */
  readonly port: number | undefined;
  readonly passing: readonly Passing[];
  readonly unread: boolean;
}

/** What passes at one port: by range of addresses, and what no range says. Later ones win. */
function portChains({ port, passing, unread }: Slot): PassthroughChainIr[] {
  return [...Map.groupBy(passing, placeOf).values()].flatMap((items) => [
    ...requestChains(port, items),
    ...tlsChains(port, items),
    ...byteChains(port, items, unread),
  ]);
}

function requestChains(port: number | undefined, items: readonly Passing[]): PassthroughChainIr[] {
  const requests = items.filter(({ protocol }) => requestProtocols.has(protocol));
  const last = requests.at(-1);
  if (last === undefined) return [];
  const bytes = items.findLast(({ protocol }) => byteProtocols.has(protocol));
  // How they are asked is the cluster's matter, so that what each is asked in may differ.
  const hosts = new Map([
    ...(bytes ? [['*', bytes.cluster] as const] : []),
    ...requests.map((one) => [nameOf(one), one.cluster] as const),
  ]);
  const carries = { kind: 'requests', hosts: [...hosts].map(([domain, cluster]) => ({ domain, cluster })) } as const;
  if (placeOf(last) !== '') return [{ ...at(last, port), carries }];
  return [{ ...at(last, port), name: passthroughName(last.protocol, undefined, port), carries }];
}

function tlsChains(port: number | undefined, items: readonly Passing[]): PassthroughChainIr[] {
  const tls = items.filter(({ protocol }) => protocol === 'tls');
  const byName = new Map(tls.map((one) => [nameOf(one), one]));
  return [...byName].map(([serverName, one]) => ({
    ...at(one, port),
    carries: { kind: 'tls', ...(serverName !== '*' && { serverName }), cluster: one.cluster },
  }));
}

/** Bytes of any kind. Where others are told apart by what they speak, TLS has to be named as well. */
function byteChains(port: number | undefined, items: readonly Passing[], unread: boolean): PassthroughChainIr[] {
  const last = items.findLast(({ protocol }) => byteProtocols.has(protocol));
  if (last === undefined) return [];
  const { cluster } = last;
  const plain: PassthroughChainIr = { ...at(last, port), carries: { kind: 'plain', cluster } };
  if (unread || items.some((one) => one.protocol === 'tls' && nameOf(one) === '*')) return [plain];
  return [plain, { ...plain, name: `${plain.name}_tls`, carries: { kind: 'tls', cluster } }];
}

function at({ value, protocol, to }: Passing, port: number | undefined): Pick<PassthroughChainIr, 'name' | 'port' | 'range'> {
  return {
    name: passthroughName(protocol, value, port),
    ...(port !== undefined && { port }),
    ...(to.kind === 'range' && to.prefixLength > 0 && { range: { address: to.address, prefixLength: to.prefixLength } }),
  };
}
