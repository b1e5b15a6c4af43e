import { expect, it } from 'vitest';
import type { MeshPassthrough_Match as Match } from '../../generated/types/kuma/mesh_passthrough.ts';
import type { PassthroughChainIr } from '../../ir/index.ts';
import { passthroughChains } from './chains.ts';
import { passings } from './passing.ts';

function chains(family: 'ipv4' | 'ipv6', ...matches: Match[]): string[] {
  const made = passthroughChains(family, passings(matches));
  const lines = made.chains.map(({ port, range, carries }) => {
    const where = `${range ? `${range.address}/${range.prefixLength}` : 'anywhere'} ${port ?? 'any port'}`;
    return `${where} ${carried(carries)}`;
  });
  return made.unreadPorts.length > 0 ? [...lines, `unread ${made.unreadPorts.join(' ')}`] : lines;
}

function carried(carries: PassthroughChainIr['carries']): string {
  switch (carries.kind) {
    case 'requests':
      return `requests ${carries.hosts.map(({ domain, cluster }) => `${domain} to ${cluster}`).join(', ')}`;
    case 'tls':
      return `tls ${carries.serverName ?? 'any'} to ${carries.cluster}`;
    case 'plain':
      return `plain to ${carries.cluster}`;
  }
}

const ip = (value: string, protocol: Match['protocol'], port?: number): Match => ({ type: 'CIDR', value, protocol, port });
const domain = (value: string, protocol: Match['protocol'], port?: number): Match => ({ type: 'Domain', value, protocol, port });

it('tells domains apart by what TLS and requests say', () => {
  expect(
    chains(
      'ipv4',
      domain('a.com', 'tls', 443),
      domain('*.b.com', 'tls', 443),
      domain('a.com', 'http', 80),
      domain('c.com', 'http', 80),
    ),
  ).toEqual([
    'anywhere 80 requests a.com to meshpassthrough_http_a.com_80, c.com to meshpassthrough_http_c.com_80',
    'anywhere 443 tls a.com to meshpassthrough_tls_a.com_443',
    'anywhere 443 tls *.b.com to meshpassthrough_tls_*.b.com_443',
  ]);
});

it('lets what passes at any port pass at the ports that something else is said of, too', () => {
  expect(chains('ipv4', ip('10.0.0.0/8', 'http'), domain('a.com', 'tls', 443))).toEqual([
    '10.0.0.0/8 443 requests * to meshpassthrough_http_10.0.0.0/8_*',
    'anywhere 443 tls a.com to meshpassthrough_tls_a.com_443',
    '10.0.0.0/8 any port requests * to meshpassthrough_http_10.0.0.0/8_*',
  ]);
});

it('reads nothing at the ports that only bytes pass at', () => {
  expect(chains('ipv4', ip('10.0.0.0/8', 'tcp'), domain('a.com', 'tls', 443))).toEqual([
    '10.0.0.0/8 443 plain to meshpassthrough_tcp_10.0.0.0/8_*',
    '10.0.0.0/8 443 tls any to meshpassthrough_tcp_10.0.0.0/8_*',
    'anywhere 443 tls a.com to meshpassthrough_tls_a.com_443',
    '10.0.0.0/8 any port plain to meshpassthrough_tcp_10.0.0.0/8_*',
  ]);
});

it('prefers what is said of a port to what is said of all, and later to earlier', () => {
  expect(chains('ipv4', ip('10.0.0.0/8', 'tls', 443), ip('10.0.0.0/8', 'tls'))).toContain(
    '10.0.0.0/8 443 tls any to meshpassthrough_tls_10.0.0.0/8_443',
  );
  expect(chains('ipv4', ip('10.0.0.1/8', 'tcp', 1), ip('10.0.0.2/8', 'tcp', 1))).toEqual([
    '10.0.0.0/8 1 plain to meshpassthrough_tcp_10.0.0.2/8_1',
    'unread 1',
  ]);
});

it('asks each domain in what is spoken there, be it in several protocols at one port', () => {
  const matches = [domain('a.com', 'http', 80), domain('b.com', 'grpc', 80), domain('b.com', 'http2', 80)];
  expect(chains('ipv4', ...matches)).toEqual([
    'anywhere 80 requests a.com to meshpassthrough_http_a.com_80, b.com to meshpassthrough_http2_b.com_80',
  ]);
});

it('has one choice of what all addresses and domains say, as Envoy takes a range of all addresses for none', () => {
  expect(chains('ipv4', ip('0.0.0.0/0', 'tls', 443), domain('a.com', 'tls', 443))).toEqual([
    'anywhere 443 tls any to meshpassthrough_tls_0.0.0.0/0_443',
    'anywhere 443 tls a.com to meshpassthrough_tls_a.com_443',
  ]);
  expect(chains('ipv6', ip('::/0', 'tcp', 80), domain('a.com', 'http', 80), domain('a.com', 'tls', 80))).toEqual([
    'anywhere 80 requests * to meshpassthrough_tcp_::/0_80, a.com to meshpassthrough_http_a.com_80',
    'anywhere 80 tls a.com to meshpassthrough_tls_a.com_80',
    'anywhere 80 plain to meshpassthrough_tcp_::/0_80',
    'anywhere 80 tls any to meshpassthrough_tcp_::/0_80',
  ]);
});

it('names TLS among bytes only where it would be taken for something else otherwise', () => {
  expect(chains('ipv4', ip('10.0.0.0/8', 'tcp', 80), domain('a.com', 'http', 80))).toEqual([
    '10.0.0.0/8 80 plain to meshpassthrough_tcp_10.0.0.0/8_80',
    '10.0.0.0/8 80 tls any to meshpassthrough_tcp_10.0.0.0/8_80',
    'anywhere 80 requests a.com to meshpassthrough_http_a.com_80',
  ]);
  expect(chains('ipv4', ip('10.0.0.0/8', 'tcp', 80), ip('10.0.0.0/8', 'tls', 80))).toEqual([
    '10.0.0.0/8 80 tls any to meshpassthrough_tls_10.0.0.0/8_80',
    '10.0.0.0/8 80 plain to meshpassthrough_tcp_10.0.0.0/8_80',
  ]);
});

it('reads nothing at ports of servers that speak first', () => {
  expect(chains('ipv4', ip('10.0.0.0/8', 'mysql', 3306), domain('*', 'tls'))).toEqual([
    '10.0.0.0/8 3306 plain to meshpassthrough_mysql_10.0.0.0/8_3306',
    'anywhere any port tls any to meshpassthrough_tls_*_*',
    'unread 3306',
  ]);
});

it('gives each family of addresses its own, and domains to both', () => {
  const matches = [ip('10.0.0.0/8', 'tcp', 1), ip('fd00::/8', 'tcp', 1), domain('a.com', 'tls', 2)];
  expect(chains('ipv6', ...matches)).toEqual([
    'fd00::/8 1 plain to meshpassthrough_tcp_fd00::/8_1',
    'anywhere 2 tls a.com to meshpassthrough_tls_a.com_2',
    'unread 1',
  ]);
});
