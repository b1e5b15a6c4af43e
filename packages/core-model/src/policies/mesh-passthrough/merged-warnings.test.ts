import { expect, test } from 'vitest';
import { applyChanges, emptySnapshot } from '../../snapshot/index.ts';
import { dataplane, inbound, mesh, resource } from '../../testing/resources.ts';
import { passthroughWarnings } from './merged-warnings.ts';

const proxies = [
  dataplane('web', { inbound: [inbound('web', 80)], labels: { app: 'web' } }),
  dataplane('api', { inbound: [inbound('api', 81)], labels: { app: 'api' } }),
];

/** Warnings of the last policy, which is in the mesh beside the others. */
function warnings(...policies: readonly ReturnType<typeof resource<object>>[]): readonly string[] {
  const resources = [mesh('STRICT'), ...proxies, ...policies];
  const { snapshot } = applyChanges(
    emptySnapshot('default'),
    resources.map((after) => ({ after })),
  );
  return passthroughWarnings(snapshot, policies.at(-1)!);
}

const passthrough = (name: string, appendMatch: readonly object[], app?: string, passthroughMode = 'Matched') =>
  resource<object>('MeshPassthrough', name, {
    ...(app && { targetRef: { kind: 'Dataplane', labels: { app } } }),
    default: { passthroughMode, appendMatch },
  });
const domain = (value: string, protocol: string, port?: number) => ({ type: 'Domain', value, protocol, ...(port && { port }) });
const range = (value: string, protocol: string, port?: number) => ({ type: 'CIDR', value, protocol, ...(port && { port }) });

test('two kinds of requests to one domain at one port contradict each other, whoever is written last', () => {
  const http = passthrough('http', [domain('a.com', 'tls', 80), domain('a.com', 'http', 80)]);
  const grpc = passthrough('grpc', [domain('a.com', 'grpc', 80)], 'web');
  const counts = 'at port 80 grpc counts for both, and a.com does not pass by http';
  expect(warnings(http, grpc)).toEqual([
    `field 'spec.default.appendMatch[0]' contradicts appendMatch[1] of MeshPassthrough "http", with which it is merged: ${counts}`,
  ]);
  expect(warnings(grpc, http)).toEqual([
    `field 'spec.default.appendMatch[1]' contradicts appendMatch[0] of MeshPassthrough "grpc", with which it is merged: ${counts}`,
  ]);
});

test('what is read does not pass beside mysql', () => {
  const mysql = passthrough('mysql', [range('10.0.0.0/8', 'mysql', 3306)]);
  const tls = [range('10.1.0.0/16', 'tls', 3306), range('fd00::/8', 'tls', 3306)];
  expect(warnings(mysql, passthrough('a', tls))).toEqual([
    expect.stringMatching(/appendMatch\[0\]' contradicts .* "mysql".*: at port 3306 mysql counts, and tls does not pass$/),
  ]);
});

test('what is apart in place, port or proxy does not', () => {
  const http = passthrough('http', [domain('a.com', 'http', 80), range('10.0.0.0/8', 'http', 80)], 'web');
  expect(
    warnings(
      http,
      passthrough('grpc', [range('10.1.0.0/16', 'grpc', 80), domain('a.com', 'grpc', 81), domain('b.com', 'grpc', 80)]),
    ),
  ).toEqual([]);
  expect(warnings(http, passthrough('grpc', [domain('a.com', 'grpc', 80)], 'api'))).toEqual([]);
  expect(warnings(http, passthrough('grpc', [domain('a.com', 'grpc', 80)], 'web', 'None'))).toHaveLength(0);
});

test('requests of two kinds without a port contradict each other within one policy', () => {
  expect(warnings(passthrough('a', [domain('a.com', 'http'), domain('a.com', 'grpc')]))).toEqual([
    expect.stringMatching(/appendMatch\[0\]' contradicts appendMatch\[1\] of the same policy: where no port is named, grpc/),
  ]);
});

test('matches that multiply into many filter chains are told, also those of several policies', () => {
  const ranges = passthrough(
    'ranges',
    Array.from({ length: 40 }, (_, i) => range(`10.${i}.0.0/16`, 'tls')),
  );
  const ports = (name: string, from: number, app?: string) =>
    passthrough(
      name,
      Array.from({ length: 20 }, (_, i) => domain('a.com', 'tls', from + i)),
      app,
    );
  expect(warnings(ranges, ports('a', 1000))).toEqual([]);
  expect(warnings(ranges, ports('a', 1000), ports('b', 2000))).toEqual([expect.stringContaining('1680 filter chains')]);
  expect(warnings(ranges, ports('a', 1000, 'web'), ports('b', 2000, 'api'))).toEqual([]);
});
