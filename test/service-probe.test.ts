import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { freePorts } from '../tools/fixtures/ports.ts';
import { ask } from '../tools/fixtures/services.ts';

let mesh: Mesh;
let port: number;
const applications = new Map<string, Server>();
const ports = new Map<string, number>();
const names = ['one', 'two'];

async function start(name: string): Promise<void> {
  const server = createServer((_request, response) => response.end(name));
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(ports.get(name)!, '127.0.0.1', resolve));
  expect((server.address() as AddressInfo).port).toBe(ports.get(name));
  applications.set(name, server);
}

async function stop(name: string): Promise<void> {
  const server = applications.get(name)!;
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

beforeAll(async () => {
  mesh = await Mesh.start({ env: { KUMA_DP_SERVER_HDS_INTERVAL: '200ms' } });
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  // Nothing may hide that a request went to an application that is not there.
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'mesh-retry-all-default']);
  for (const [index, free] of (await freePorts(names.length)).entries()) ports.set(names[index]!, free);
  for (const name of names) {
    await start(name);
    await join(name);
  }
  port = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('both endpoints', async () => expect(await answers()).toEqual(new Set(names)));
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all([...applications.keys()].map((name) => stop(name).catch(() => {})));
});

function join(name: string): Promise<unknown> {
  const serviceProbe = { interval: '200ms', timeout: '1s', healthyThreshold: 1, unhealthyThreshold: 1, tcp: {} };
  return mesh.join({ name, inbound: [{ service: 'backend', servicePort: ports.get(name)!, serviceProbe }] });
}

async function answers(): Promise<Set<string>> {
  const all = await Promise.all(Array.from({ length: 12 }, () => ask(port)));
  return new Set(all.map(({ status, body }) => (status === 200 ? body : String(status))));
}

async function stateOf(name: string): Promise<string | undefined> {
  const dataplane = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplane', name, '-o', 'json']));
  return dataplane.networking.inbound[0].state;
}

test('an application that is gone takes no traffic, and takes it again when it is back', async () => {
  await stop('two');
  await eventually('the other alone', async () => expect(await answers()).toEqual(new Set(['one'])));
  expect(await stateOf('two')).toBe('NotReady');
  expect(await stateOf('one')).not.toBe('NotReady');
  expect(await mesh.controlPlane.kumactl(['inspect', 'dataplanes'])).toMatch(/two .*Offline/i);
  await start('two');
  await eventually('both again', async () => expect(await answers()).toEqual(new Set(names)));
  expect(await stateOf('two')).toBe('Ready');
});

test('an application that comes after its sidecar takes no traffic before', async () => {
  ports.set('late', (await freePorts(1))[0]!);
  const seen = new Set<string>();
  const ask = async () => {
    for (const answer of await answers()) seen.add(answer);
  };
  let isThere = false;
  const joining = join('late').then(() => {
    isThere = true;
  });
  while (!isThere) await ask();
  await joining;
  await start('late');
  await eventually('an answer of it', async () => {
    await ask();
    expect(seen).toContain('late');
  });
  expect(seen).toEqual(new Set([...names, 'late']));
  await stop('late');
  await eventually('the others alone', async () => expect(await answers()).toEqual(new Set(names)));
});

test('probes go on when the control plane was killed and is back', async () => {
  mesh.controlPlane.process.kill('SIGKILL');
  await stop('one');
  mesh.controlPlane = await mesh.controlPlane.startAgain();
  await eventually('the other alone', async () => expect(await answers()).toEqual(new Set(['two'])), 30_000);
  await start('one');
  await eventually('both again', async () => expect(await answers()).toEqual(new Set(names)));
});

test('an inbound without a probe is nobody else’s business', async () => {
  const dataplane = JSON.parse(await mesh.controlPlane.kumactl(['get', 'dataplane', 'two', '-o', 'json']));
  delete dataplane.networking.inbound[0].serviceProbe;
  await mesh.controlPlane.apply(JSON.stringify(dataplane));
  await stop('two');
  await stop('one');
  await eventually('the probed one being found', async () => expect(await stateOf('one')).toBe('NotReady'));
  expect(await stateOf('two')).not.toBe('NotReady');
});
