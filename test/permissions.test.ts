import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService, startTcpService, TcpClient } from '../tools/fixtures/services.ts';
import { startWebSocketService, WebSocketClient, type WebSocketService } from '../tools/fixtures/web-socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'permissions-'));
const shadowLog = join(folder, 'shadows.log');
let mesh: Mesh;
let backend: HttpService;
let tcpBackend: Awaited<ReturnType<typeof startTcpService>>;
let chat: WebSocketService;
/** Speaks first, and whoever listens says nothing. */
let ticker: Server;
let web: Awaited<ReturnType<Mesh['join']>>;
let other: Awaited<ReturnType<Mesh['join']>>;
let backendPorts: readonly number[];

const permission = (name: string, spec: unknown) =>
  JSON.stringify({ type: 'MeshTrafficPermission', mesh: 'default', name, spec });

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(meshWithMtls());
  backend = await startHttpService('backend');
  tcpBackend = await startTcpService('backend');
  chat = await startWebSocketService('chat');
  ticker = createServer((socket) => void socket.on('error', () => socket.destroy()).write('tick'));
  await once(ticker.listen(0, '127.0.0.1'), 'listening');
  const joined = await mesh.join({
    name: 'backend',
    inbound: [
      { service: 'backend', servicePort: backend.port },
      { service: 'backend-tcp', servicePort: tcpBackend.port, protocol: 'tcp' },
    ],
  });
  backendPorts = joined.inboundPorts;
  await mesh.join({
    name: 'chat',
    inbound: [
      { service: 'chat', servicePort: chat.port },
      { service: 'ticker', servicePort: (ticker.address() as AddressInfo).port, protocol: 'tcp' },
    ],
    sidecar: { args: ['--drain-time', '1s'] },
  });
  web = await mesh.join({ name: 'web', calls: ['backend', 'backend-tcp', 'chat', 'ticker'] });
  other = await mesh.join({ name: 'other', calls: ['backend', 'chat'] });
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
  await tcpBackend?.close();
  await chat?.close();
  ticker?.close();
  rmSync(folder, { recursive: true });
});

async function expectStatus(port: number, status: number): Promise<void> {
  await eventually(`status ${status}`, async () => expect((await ask(port)).status).toBe(status));
}

test('without a permission HTTP is answered 403 and TCP is closed', async () => {
  await expectStatus(web.outbound('backend'), 403);
  await expect(new TcpClient(web.outbound('backend-tcp')).say('x')).rejects.toThrow('closed');
});

test('a permission for one client lets it through and nobody else', async () => {
  await mesh.controlPlane.apply(
    permission('allow-web', {
      targetRef: { kind: 'MeshService', name: 'backend' },
      rules: [{ default: { allow: [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }] } }],
    }),
  );
  await expectStatus(web.outbound('backend'), 200);
  expect((await ask(other.outbound('backend'))).status).toBe(403);
});

test('the service sees the SPIFFE id of its caller', () => {
  expect(backend.requests.at(-1)!.headers['x-forwarded-client-cert']).toContain('URI=spiffe://default/web');
});

test('plain text to a strict inbound fails', async () => {
  await expect(ask(backendPorts[0]!)).rejects.toThrow();
});

test('removing the permission is felt on a connection that stays open', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await ask(web.outbound('backend'), { agent })).status).toBe(200);
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-web']);
  await eventually('a refusal', async () => expect((await ask(web.outbound('backend'), { agent })).status).toBe(403));
  agent.destroy();
});

test('an open TCP connection passes nothing more when its permission goes', async () => {
  await mesh.controlPlane.apply(
    permission('allow-tcp', {
      targetRef: { kind: 'MeshService', name: 'backend-tcp' },
      from: [{ targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': 'web' } }, default: { action: 'Allow' } }],
    }),
  );
  const { value: client } = await eventually('a TCP answer', async () => {
    const attempt = new TcpClient(web.outbound('backend-tcp'));
    expect(await attempt.say('hello')).toBe('backend:hello');
    return attempt;
  });
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-tcp']);
  await eventually('the end of the connection', async () => {
    await expect(client.say('still there?')).rejects.toThrow('closed');
  });
});

test('a TCP connection that is open when its service changes to HTTP goes on, as its listener drains', async () => {
  const spec = {
    targetRef: { kind: 'MeshService', name: 'backend-tcp' },
    from: [{ targetRef: { kind: 'Mesh' }, default: { action: 'Allow' } }],
  };
  await mesh.controlPlane.apply(permission('allow-tcp', spec));
  const { value: client } = await eventually('a TCP answer', async () => {
    const attempt = new TcpClient(web.outbound('backend-tcp'));
    expect(await attempt.say('hello')).toBe('backend:hello');
    return attempt;
  });
  const dataplane = await mesh.controlPlane.kumactl(['get', 'dataplane', 'backend', '-o', 'json']);
  await mesh.controlPlane.apply(dataplane.replace('"kuma.io/protocol": "tcp"', '"kuma.io/protocol": "http"'));
  await eventually('HTTP being expected', async () => {
    const attempt = new TcpClient(web.outbound('backend-tcp'));
    expect(await attempt.say('hello\r\n\r\n')).toContain('HTTP/1.1 400');
    attempt.close();
  });
  expect(await client.say('still there?')).toBe('backend:still there?');
  client.close();
  await mesh.controlPlane.apply(dataplane);
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-tcp']);
});

test('who may connect before and after a change of permissions is not disturbed by it', async () => {
  const exactly = (service: string) => ({ spiffeID: { type: 'Exact', value: `spiffe://default/${service}` } });
  const change = (round: number) =>
    mesh.controlPlane.apply(
      permission('allow-tcp', {
        targetRef: { kind: 'MeshService', name: 'backend-tcp' },
        rules: [{ default: { allow: [exactly(`new-${round}`), exactly('web')], deny: [exactly(`not-${round}`)] } }],
      }),
    );
  await change(0);
  const answered = async () => {
    const client = new TcpClient(web.outbound('backend-tcp'));
    expect(await client.say('hello')).toBe('backend:hello');
    return client;
  };
  const { value: open } = await eventually('a TCP answer', answered);
  let changing = true;
  const connecting = (async () => {
    while (changing) (await answered()).close();
  })();
  for (let round = 1; round <= 8; round++) await change(round);
  changing = false;
  await connecting;
  expect(await open.say('still there?')).toBe('backend:still there?');
  open.close();
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-tcp']);
});

test('a WebSocket that is open ends some time after its permission, and new ones of who is permitted are opened all the while', async () => {
  const exactly = (service: string) => ({ spiffeID: { type: 'Exact', value: `spiffe://default/${service}` } });
  const allow = (...services: readonly string[]) =>
    mesh.controlPlane.apply(
      permission('allow-chat', {
        targetRef: { kind: 'MeshService', name: 'chat' },
        rules: [{ default: { allow: services.map(exactly) } }],
      }),
    );
  await allow('web', 'other');
  const { value: client } = await eventually('a WebSocket', () => WebSocketClient.open(web.outbound('chat')));
  await allow('other');
  await eventually('a refusal', () => expect(WebSocketClient.open(web.outbound('chat'))).rejects.toThrow('not opened'));
  expect(await client.say('one more')).toBe('chat:one more');

  let open = true;
  void client.closed.then(() => (open = false));
  while (open) {
    const permitted = await WebSocketClient.open(other.outbound('chat'));
    expect(await permitted.say('hello')).toBe('chat:hello');
    permitted.close();
    await permitted.closed;
  }
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-chat']);
});

test('a TCP connection on which only the service speaks ends some time after the last permission', async () => {
  await mesh.controlPlane.apply(
    permission('allow-ticker', {
      targetRef: { kind: 'MeshService', name: 'ticker' },
      rules: [{ default: { allow: [{ spiffeID: { type: 'Prefix', value: 'spiffe://default/' } }] } }],
    }),
  );
  const { value: client } = await eventually('a tick', async () => {
    const attempt = new TcpClient(web.outbound('ticker'));
    expect(await attempt.hear()).toBe('tick');
    return attempt;
  });
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-ticker']);
  await client.closed;
});

test('who connects while something else comes to let it in is not turned away', async () => {
  const byMatch = (type: string, value: string) => ({
    default: { allow: [{ spiffeID: { type, value: `spiffe://default/${value}` } }] },
  });
  const matches = [byMatch('Exact', 'web'), byMatch('Prefix', ''), byMatch('Prefix', 'we')];
  const change = (round: number) =>
    mesh.controlPlane.apply(
      permission('allow-tcp', { targetRef: { kind: 'MeshService', name: 'backend-tcp' }, rules: [matches[round % 3]] }),
    );
  const answered = async () => {
    const client = new TcpClient(web.outbound('backend-tcp'));
    expect(await client.say('hello')).toBe('backend:hello');
    client.close();
  };
  await change(0);
  await eventually('a TCP answer', answered);
  let changing = true;
  const connecting = Array.from({ length: 6 }, async () => {
    while (changing) await answered();
  });
  for (let round = 1; round <= 9; round++) await change(round);
  changing = false;
  await Promise.all(connecting);
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-tcp']);
});

test('Deny wins over Allow, and a shadow deny lets traffic pass, counts it and has it logged', async () => {
  const rule = (action: string, value: string) => ({ default: { [action]: [{ spiffeID: { type: 'Prefix', value } }] } });
  const target = { targetRef: { kind: 'MeshService', name: 'backend' } };
  await mesh.controlPlane.apply(permission('allow-everyone', { ...target, rules: [rule('allow', 'spiffe://default/')] }));
  await expectStatus(other.outbound('backend'), 200);
  await mesh.controlPlane.apply(permission('deny-other', { ...target, rules: [rule('deny', 'spiffe://default/other')] }));
  await expectStatus(other.outbound('backend'), 403);
  expect((await ask(web.outbound('backend'))).status).toBe(200);
  const turnedAway = await counted(`${ofRequests()}.denied`);
  for (let request = 0; request < 3; request++) expect((await ask(other.outbound('backend'))).status).toBe(403);
  expect(await counted(`${ofRequests()}.denied`)).toBe(turnedAway + 3);
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'deny-other']);
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-everyone']);
  await mesh.controlPlane.apply(permission('shadow', { ...target, rules: [rule('allowWithShadowDeny', 'spiffe://default/')] }));
  await expectStatus(other.outbound('backend'), 200);
  await eventually('a count', async () => expect(await counted(`${ofRequests()}.shadow_denied`)).toBeGreaterThan(0));
  const before = await counted(`${ofRequests()}.shadow_denied`);
  for (let request = 0; request < 3; request++) expect((await ask(other.outbound('backend'))).status).toBe(200);
  expect(await counted(`${ofRequests()}.shadow_denied`)).toBe(before + 3);
  await mesh.controlPlane.apply(logOfShadows('http'));
  await eventually('a line', async () => {
    expect((await ask(other.outbound('backend'))).status).toBe(200);
    expect(shadows()).toContain('other backend denied kri_mtp_default_default__shadow_');
  });
});

test('a shadow deny of connections lets them pass, counts them and has them logged', async () => {
  const target = { targetRef: { kind: 'MeshService', name: 'backend-tcp' } };
  const shadow = { allowWithShadowDeny: [{ spiffeID: { type: 'Exact', value: 'spiffe://default/web' } }] };
  await mesh.controlPlane.apply(permission('shadow', { ...target, rules: [{ default: shadow }] }));
  await mesh.controlPlane.apply(logOfShadows('network'));
  await eventually('a line', async () => {
    const client = new TcpClient(web.outbound('backend-tcp'));
    expect(await client.say('hello').finally(() => client.close())).toBe('backend:hello');
    expect(shadows()).toContain('web backend-tcp denied kri_mtp_default_default__shadow_');
  });
  const before = await counted(`${ofConnections()}.shadow_denied`);
  expect(before).toBeGreaterThan(0);
  for (let connection = 0; connection < 3; connection++) {
    const client = new TcpClient(web.outbound('backend-tcp'));
    for (let time = 0; time < 3; time++) expect(await client.say('hello')).toBe('backend:hello');
    client.close();
  }
  expect(await counted(`${ofConnections()}.shadow_denied`)).toBe(before + 3);
});

const ofRequests = () => `http.localhost_${backend.port}.rbac`;
const ofConnections = () => `inbound_127_0_0_1_${backendPorts[1]}.rbac`;

async function counted(name: string): Promise<number> {
  const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'backend', '--type=stats']);
  const line = stats.split('\n').find((line) => line.startsWith(`${name}: `));
  return Number(line?.slice(name.length + 2));
}

/** What the backend's filters would have done and did not. */
function logOfShadows(filter: 'http' | 'network'): string {
  const metadata = (key: string) => `%DYNAMIC_METADATA(envoy.filters.${filter}.rbac:${key})%`;
  const plain = `%KUMA_SOURCE_SERVICE% %KUMA_DESTINATION_SERVICE% ${metadata('shadow_engine_result')} ${metadata('shadow_effective_policy_id')}`;
  const backends = [{ type: 'File', file: { path: shadowLog, format: { type: 'Plain', plain } } }];
  const spec = { targetRef: { kind: 'Dataplane', name: 'backend' }, rules: [{ default: { backends } }] };
  return JSON.stringify({ type: 'MeshAccessLog', mesh: 'default', name: 'shadows', spec });
}

function shadows(): string {
  return existsSync(shadowLog) ? readFileSync(shadowLog, 'utf8') : '';
}
