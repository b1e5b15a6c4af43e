import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { GrpcClient, type GrpcService, startGrpcService } from '../tools/fixtures/grpc-service.ts';
import { Http2Client, startHttp2Service } from '../tools/fixtures/http2-service.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, startHttpService } from '../tools/fixtures/services.ts';
import { startWebSocketService, WebSocketClient, type WebSocketService } from '../tools/fixtures/web-socket.ts';

let mesh: Mesh;
let outbound: (service: string) => number;
const closing: (() => Promise<void>)[] = [];
const pets = new Map<string, GrpcService>();
const chats = new Map<string, WebSocketService>();
/** What the first version of pets says of a question; undefined for its name. */
let answer: ((question: string, callsBefore: number) => { code: number; details: string } | 'silence' | undefined) | undefined;

const versions = ['v1', 'v2'];

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  for (const version of versions) {
    const web = await startHttpService(version);
    const http2 = await startHttp2Service(version);
    const grpc = await startGrpcService(version, (question, callsBefore) => {
      const said = answer?.(question, callsBefore);
      return said === 'silence' ? undefined : (said ?? version);
    });
    const chat = await startWebSocketService(version);
    pets.set(version, grpc);
    chats.set(version, chat);
    closing.push(web.close, http2.close, grpc.close, chat.close);
    const tags = { version };
    await mesh.join({
      name: `server-${version}`,
      inbound: [
        { service: 'web', servicePort: web.port, tags },
        { service: 'shop', servicePort: http2.port, protocol: 'http2', tags },
        { service: 'pets', servicePort: grpc.port, protocol: 'grpc', tags },
        { service: 'chat', servicePort: chat.port, tags },
      ],
    });
  }
  ({ outbound } = await mesh.join({ name: 'client', calls: ['web', 'shop', 'pets', 'chat'] }));
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all(closing.map((close) => close()));
});

const to = (service: string) => ({ targetRef: { kind: 'MeshService', name: service } });
const subset = (name: string, version: string, weight = 1) => ({ kind: 'MeshServiceSubset', name, tags: { version }, weight });
const path = (value: string, type = 'PathPrefix') => ({ path: { type, value } });

function apply(type: string, name: string, spec: object): Promise<string> {
  return mesh.controlPlane.apply(JSON.stringify({ type, mesh: 'default', name, spec }));
}

/** Requests of one sort go to the second version, all others to the first: a rule for these says nothing of paths, and so is tried last. */
function toSecond(service: string, matches: readonly object[]): Promise<string> {
  const rules = [
    { matches, default: { backendRefs: [subset(service, 'v2')] } },
    { matches: [{}], default: { backendRefs: [subset(service, 'v1')] } },
  ];
  return apply('MeshHTTPRoute', service, { to: [{ ...to(service), rules }] });
}

/** Waits for a route: until then, either version answers, by chance also the one that should. */
async function alwaysFrom(version: string, say: () => Promise<string | undefined>): Promise<void> {
  await eventually('the route', async () => {
    const heard = await Promise.all(Array.from({ length: 12 }, say));
    expect(new Set(heard.map((text) => text?.slice(0, 2)))).toEqual(new Set([version]));
  });
}

function split(service: string, weights: Readonly<Record<string, number>>): Promise<string> {
  const backendRefs = Object.entries(weights).map(([version, weight]) => subset(service, version, weight));
  return apply('MeshHTTPRoute', service, {
    to: [{ ...to(service), rules: [{ matches: [path('/')], default: { backendRefs } }] }],
  });
}

test('HTTP/1.1 requests are routed by query parameter and by regular expressions of path and header', async () => {
  await toSecond('web', [
    { ...path('/'), queryParams: [{ type: 'Exact', name: 'version', value: 'two' }] },
    { ...path('/'), queryParams: [{ type: 'RegularExpression', name: 'lucky', value: '[0-9]+' }] },
    path('/items/[0-9]+', 'RegularExpression'),
    { ...path('/'), headers: [{ type: 'RegularExpression', name: 'x-user', value: 'a.*' }] },
    { ...path('/'), headers: [{ type: 'Present', name: 'x-there' }] },
    { ...path('/anonymous'), headers: [{ type: 'Absent', name: 'x-name' }] },
    { ...path('/'), headers: [{ type: 'Prefix', name: 'x-path', value: 'in/' }] },
    path('/exactly', 'Exact'),
  ]);
  const port = outbound('web');
  const body = async (options: Parameters<typeof ask>[1]) => (await ask(port, options)).body;
  await alwaysFrom('v2', () => body({ path: '/exactly' }));
  await alwaysFrom('v1', () => body({}));
  expect(await body({ path: '/exactly/not' })).toBe('v1');
  expect(await body({ path: '/?version=two' })).toBe('v2');
  expect(await body({ path: '/?version=twofold' })).toBe('v1');
  expect(await body({ path: '/?lucky=77' })).toBe('v2');
  expect(await body({ path: '/?lucky=7b' })).toBe('v1');
  expect(await body({ path: '/items/12' })).toBe('v2');
  expect(await body({ path: '/items/12/more' })).toBe('v1');
  expect(await body({ headers: { 'x-user': 'anna' } })).toBe('v2');
  expect(await body({ headers: { 'x-user': 'hanna' } })).toBe('v1');
  expect(await body({ headers: { 'x-there': '' } })).toBe('v2');
  expect(await body({ path: '/anonymous' })).toBe('v2');
  expect(await body({ path: '/anonymous', headers: { 'x-name': 'me' } })).toBe('v1');
  expect(await body({ headers: { 'x-path': 'in/side' } })).toBe('v2');
  expect(await body({ headers: { 'x-path': 'side/in' } })).toBe('v1');
});

test('HTTP/2 requests of one connection are each routed by path, method and header, and bring their trailers', async () => {
  await toSecond('shop', [
    path('/v2', 'PathPrefix'),
    { ...path('/'), method: 'PUT' },
    { headers: [{ name: 'x-to', value: 'v2' }] },
  ]);
  const client = new Http2Client(outbound('shop'));
  await alwaysFrom('v2', async () => (await client.ask({ path: '/v2/x' })).body);
  const answers = await Promise.all([
    client.ask({ path: '/v2' }),
    client.ask({ path: '/v22' }),
    client.ask({ method: 'PUT', body: 'twelve bytes' }),
    client.ask({ headers: { 'x-to': 'v2' } }),
    client.ask(),
  ]);
  expect(answers.map(({ body }) => body)).toEqual(['v2', 'v1', 'v2', 'v2', 'v1']);
  expect(answers[2]!.trailers['x-heard']).toBe('12');
  client.close();
});

test('HTTP/2 requests of one connection are split by weight', async () => {
  await split('shop', { v1: 3, v2: 1 });
  const client = new Http2Client(outbound('shop'));
  await eventually('a quarter at the second', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.ask()));
    const seconds = answers.filter(({ body }) => body === 'v2').length;
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThan(80);
  });
  client.close();
});

test('calls over gRPC are routed by method of the service and by metadata', async () => {
  await toSecond('pets', [path('/pets.Pets/Watch', 'Exact'), { ...path('/'), headers: [{ name: 'x-to', value: 'v2' }] }]);
  const client = new GrpcClient(outbound('pets'));
  await alwaysFrom('v2', async () => (await client.name('who?', { 'x-to': 'v2' })).messages[0]);
  const named = await client.name();
  expect(named).toMatchObject({ messages: ['v1'], code: status.OK });
  expect(named.trailers.get('x-served-by')).toEqual(['v1']);
  expect((await client.watch('a b')).messages).toEqual(['v2:a', 'v2:b']);
  client.close();
});

test('streams of gRPC pass in all directions, each message as it is said', async () => {
  await toSecond('pets', [path('/pets.Pets/Echo', 'Exact')]);
  const client = new GrpcClient(outbound('pets'));
  await alwaysFrom('v2', async () => (await client.echo(['one'])).messages[0]);
  expect(await client.echo(['one', 'two', 'three'])).toMatchObject({
    messages: ['v2:one', 'v2:two', 'v2:three'],
    code: status.OK,
  });
  expect(await client.watch('a b c')).toMatchObject({ messages: ['v1:a', 'v1:b', 'v1:c'], code: status.OK });
  expect(await client.join(['a', 'b', 'c'])).toMatchObject({ messages: ['v1:a b c'], code: status.OK });
  client.close();
});

test('calls over gRPC are split by weight, and their status and trailers come back', async () => {
  await split('pets', { v1: 1, v2: 1 });
  answer = () => ({ code: status.FAILED_PRECONDITION, details: 'not now' });
  const client = new GrpcClient(outbound('pets'));
  await eventually('both being asked', async () => {
    const calls = await Promise.all(Array.from({ length: 20 }, () => client.name()));
    expect(new Set(calls.map(({ code }) => code))).toEqual(new Set([status.FAILED_PRECONDITION]));
    expect(new Set(calls.map(({ details }) => details))).toEqual(new Set(['not now']));
    expect(new Set(calls.flatMap(({ trailers }) => trailers.get('x-served-by')))).toEqual(new Set(versions));
  });
  client.close();
  answer = undefined;
});

test('a call over gRPC that fails is tried again where its status says so, and no other', async () => {
  await split('pets', { v1: 1 });
  const grpc = { numRetries: 3, backOff: { baseInterval: '5ms', maxInterval: '10ms' }, retryOn: ['Unavailable', 'Canceled'] };
  await apply('MeshRetry', 'retry-pets', { to: [{ ...to('pets'), default: { grpc } }] });
  const client = new GrpcClient(outbound('pets'));
  const { calls } = pets.get('v1')!;
  const tries = (question: string) => calls.filter((call) => call.question === question).length;
  answer = (question) => {
    const [code, failures] = question.split('/').map(Number) as [number, number];
    return question !== 'who?' && tries(question) < failures ? { code, details: 'not yet' } : undefined;
  };
  await eventually('the third try', async () => {
    const question = `${status.UNAVAILABLE}/2/${Math.random()}`;
    expect(await client.name(question)).toMatchObject({ code: status.OK, messages: ['v1'] });
    expect(tries(question)).toBe(3);
  });
  expect((await client.name(`${status.CANCELLED}/1`)).code).toBe(status.OK);
  expect((await client.name(`${status.UNAVAILABLE}/9`)).code).toBe(status.UNAVAILABLE);
  expect(tries(`${status.UNAVAILABLE}/9`)).toBe(4);
  expect((await client.name(`${status.INTERNAL}/1`)).code).toBe(status.INTERNAL);
  expect(tries(`${status.INTERNAL}/1`)).toBe(1);
  client.close();
  answer = undefined;
});

test('a call over gRPC without an answer ends with the timeout, and each try with its own', async () => {
  await split('pets', { v1: 1 });
  await apply('MeshTimeout', 'hurry', { to: [{ ...to('pets'), default: { http: { requestTimeout: '300ms' } } }] });
  const client = new GrpcClient(outbound('pets'));
  answer = (question, callsBefore) =>
    question === 'never' || (question === 'once' && callsBefore % 2 === 0) ? 'silence' : undefined;
  await eventually('the end of a call', async () => {
    // The timeout of before may still hold.
    const { code, details } = await client.name('never', {}, 2_000);
    expect(code).toBe(status.UNAVAILABLE);
    expect(details).toContain('timeout');
  });
  await apply('MeshTimeout', 'hurry', { to: [{ ...to('pets'), default: { http: { requestTimeout: '10s' } } }] });
  const grpc = {
    numRetries: 5,
    perTryTimeout: '200ms',
    backOff: { baseInterval: '5ms' },
    retryOn: ['Canceled', 'DeadlineExceeded', 'Unavailable'],
  };
  await apply('MeshRetry', 'retry-pets', { to: [{ ...to('pets'), default: { grpc } }] });
  await eventually('a second try', async () => expect((await client.name('once')).messages).toEqual(['v1']));
  client.close();
  answer = undefined;
});

test('WebSockets are routed by path and by header, and both ends speak when they like', async () => {
  await toSecond('chat', [path('/v2'), { ...path('/'), headers: [{ name: 'x-to', value: 'v2' }] }]);
  const says = async (where: string, headers = {}) => {
    const client = await WebSocketClient.open(outbound('chat'), where, headers);
    const heard = await client.say('hello');
    client.close();
    return heard;
  };
  await alwaysFrom('v2', () => says('/v2/room'));
  expect(await says('/room')).toBe('v1:hello');
  expect(await says('/room', { 'x-to': 'v2' })).toBe('v2:hello');
  const client = await WebSocketClient.open(outbound('chat'));
  for (const word of ['one', 'two', 'three']) expect(await client.say(word)).toBe(`v1:${word}`);
  expect(new Uint8Array(await client.say(Uint8Array.of(1, 2, 255).buffer))).toEqual(Uint8Array.of(255, 2, 1));
  client.close();
  expect(chats.get('v1')!.opened.at(-1)!['x-forwarded-client-cert']).toContain('URI=spiffe://default/client');
});

test('WebSockets are split by weight, and outlive the timeout of requests', async () => {
  await split('chat', { v1: 1, v2: 1 });
  await apply('MeshTimeout', 'hurry-chat', { to: [{ ...to('chat'), default: { http: { requestTimeout: '200ms' } } }] });
  await eventually('both being asked', async () => {
    const heard = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const client = await WebSocketClient.open(outbound('chat'));
        const answer = await client.say('x');
        client.close();
        return answer;
      }),
    );
    expect(new Set(heard)).toEqual(new Set(['v1:x', 'v2:x']));
  });
  const client = await WebSocketClient.open(outbound('chat'));
  // The service answers nothing but WebSockets: when a later request has timed out, the WebSocket is older than that.
  expect((await ask(outbound('chat'))).status).toBe(504);
  expect(await client.say('still there?')).toContain('still there?');
  client.close();
});

test('a WebSocket that a route refuses is not opened', async () => {
  await mesh.controlPlane.kumactl(['delete', 'meshtrafficpermission', 'allow-all']);
  await eventually('a refusal', async () => {
    await expect(WebSocketClient.open(outbound('chat'))).rejects.toThrow('not opened');
  });
  await mesh.controlPlane.apply(allowAll());
  await eventually('a WebSocket', async () => (await WebSocketClient.open(outbound('chat'))).close());
});
