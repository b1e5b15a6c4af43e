import { status } from '@grpc/grpc-js';
import { HealthCheckSpecifier, HealthStatus } from '@kuma-mesh/envoy-api/health-discovery.ts';
import { expect, test } from 'vitest';
import { hdsClient, offer, report } from './testing/hds-client.ts';
import { startTestServer } from './testing/test-server.ts';

const checksOf = (...names: string[]) =>
  HealthCheckSpecifier.encode({ clusterHealthChecks: names.map((clusterName) => ({ clusterName })) }).finish();
const namesIn = ({ clusterHealthChecks = [] }: HealthCheckSpecifier) => clusterHealthChecks.map(({ clusterName }) => clusterName);

test('a proxy is told what to find out when there is something, and again when it changes', async () => {
  await using server = await startTestServer();
  await using client = hdsClient(server, 'Bearer secret');
  client.send(offer('default.web.with.dots'));
  const session = await server.health.nth(0);
  expect(session.proxy).toMatchObject({ mesh: 'default', name: 'web.with.dots', token: 'secret' });
  session.checks = checksOf('localhost:80');
  expect(namesIn(await client.next())).toEqual(['localhost:80']);
  session.checks = checksOf('localhost:80', 'localhost:81');
  expect(namesIn(await client.next())).toEqual(['localhost:80', 'localhost:81']);
});

test('what it finds out is heard, by application', async () => {
  await using server = await startTestServer();
  await using client = hdsClient(server);
  client.send(offer('default.web'));
  const session = await server.health.nth(0);
  client.send(
    report({
      healthy: HealthStatus.HEALTHY,
      unknown: HealthStatus.UNKNOWN,
      degraded: HealthStatus.DEGRADED,
      unhealthy: HealthStatus.UNHEALTHY,
      draining: HealthStatus.DRAINING,
      late: HealthStatus.TIMEOUT,
    }),
  );
  await session.until(({ reports }) => reports.length === 1);
  expect(Object.fromEntries(session.reports[0]!)).toEqual({
    healthy: true,
    unknown: true,
    degraded: true,
    unhealthy: false,
    draining: false,
    late: false,
  });
});

test('a report of nothing says nothing', async () => {
  await using server = await startTestServer();
  await using client = hdsClient(server);
  client.send(offer('default.web'));
  const session = await server.health.nth(0);
  const value = { clusterEndpointsHealth: [{ clusterName: 'localhost:80', localityEndpointsHealth: [] }] };
  client.send({ requestType: { $case: 'endpointHealthResponse', value } });
  await session.until(({ reports }) => reports.length === 1);
  expect(session.reports[0]!.size).toBe(0);
});

test('the session ends with the stream', async () => {
  await using server = await startTestServer();
  const client = hdsClient(server);
  client.send(offer('default.web'));
  const session = await server.health.nth(0);
  await client[Symbol.asyncDispose]();
  await session.until(({ closed }) => closed);
});

test('who is refused hears why', async () => {
  await using server = await startTestServer();
  server.health.refuse = ({ token }) => `no ${token}`;
  await using client = hdsClient(server, 'wrong');
  client.send(offer('default.web'));
  expect(await client.ended()).toMatchObject({ code: status.UNKNOWN, details: 'no wrong' });
});

test('who begins with something else than an offer, or with nothing, is sent away', async () => {
  await using server = await startTestServer({ limits: { firstRequestTimeout: 50 } });
  await using reporting = hdsClient(server);
  reporting.send(report({}));
  expect(await reporting.ended()).toMatchObject({ code: status.UNKNOWN, details: expect.stringContaining('HealthCheckRequest') });
  await using nobody = hdsClient(server);
  nobody.send(offer('web'));
  expect(await nobody.ended()).toMatchObject({ code: status.UNKNOWN, details: expect.stringContaining('<mesh>.<name>') });
  await using silent = hdsClient(server);
  expect(await silent.ended()).toMatchObject({ code: status.DEADLINE_EXCEEDED });
});

test('streams end with the control plane, so that proxies look for another one', async () => {
  const server = await startTestServer();
  await using client = hdsClient(server);
  client.send(offer('default.web'));
  await server.health.nth(0);
  const closed = server.server.close(1_000);
  expect(await client.ended()).toMatchObject({ code: status.UNAVAILABLE });
  await closed;
});
