import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { constants, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { Mesh } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import {
  type Answer,
  ask,
  type HttpService,
  startHttpService,
  startTcpService,
  TcpClient,
} from '../../tools/fixtures/services.ts';
import { dataplaneYaml } from '../../tools/fixtures/sidecar.ts';

/** What a try is answered with, which the request says itself. */
const failures: Readonly<Record<string, (response: ServerResponse) => void>> = {
  never: () => {},
  later: (response) => response.writeHead(503, { 'retry-after': '2' }).end(),
  'at-time': (response) => response.writeHead(503, { 'x-until': String(Math.ceil(Date.now() / 1000) + 2) }).end(),
  marked: (response) => response.writeHead(200, { 'x-again': 'please' }).end(),
  limited: (response) => response.writeHead(429, { 'x-envoy-ratelimited': 'true' }).end(),
};

let mesh: Mesh;
let outbound: (service: string) => number;
let backend: HttpService;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'mesh-retry-all-default']);
  backend = await startHttpService('backend', (request, response) => {
    const [, failure = '', times = '0'] = request.url!.split('/');
    if (tries(request.url!) > Number(times)) response.end('done');
    else if (failures[failure]) failures[failure](response);
    else response.writeHead(Number(failure)).end();
  });
  closing.push(backend.close);
  const inbound = [{ service: 'backend', servicePort: backend.port }];
  for (const version of ['good', 'bad']) {
    const instance = await startHttpService(version, (_, response) =>
      response.writeHead(version === 'bad' ? 503 : 200).end(version),
    );
    closing.push(instance.close);
    await mesh.join({ name: version, inbound: [{ service: 'pair', servicePort: instance.port, tags: { version } }] });
  }
  const tcp = await startTcpService('database');
  closing.push(tcp.close);
  await mesh.join({ name: 'backend', inbound: [...inbound, { service: 'database', servicePort: tcp.port, protocol: 'tcp' }] });
  ({ outbound } = await mesh.join({ name: 'web', calls: ['backend', 'pair', 'database', 'fragile'] }));
  await eventually('an answer', async () => expect((await fails('200', 0)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all(closing.map((close) => close()));
});

function retry(service: string, conf: object): Promise<string> {
  const to = [{ targetRef: { kind: 'MeshService', name: service }, default: conf }];
  return mesh.controlPlane.apply(
    JSON.stringify({ type: 'MeshRetry', mesh: 'default', name: `retry-${service}`, spec: { targetRef: { kind: 'Mesh' }, to } }),
  );
}

const soon = { baseInterval: '5ms', maxInterval: '10ms' };
const retryHttp = (http: object) => retry('backend', { http: { numRetries: 3, backOff: soon, ...http } });

function tries(url: string): number {
  return backend.requests.filter((request) => request.url === url).length;
}

/** A request of its own that fails some times in some way, and how often it was tried. */
async function fails(
  how: string,
  times: number,
  options: Parameters<typeof ask>[1] = {},
): Promise<Answer & { readonly tries: number }> {
  const path = `/${how}/${times}/${randomUUID()}`;
  const answer = await ask(outbound('backend'), { ...options, path });
  return { ...answer, tries: tries(path) };
}

test('without a policy nothing is tried again', async () => {
  expect(await fails('503', 1)).toMatchObject({ status: 503, tries: 1 });
});

test.each([
  ['5xx', '500'],
  ['5XX', '503'],
  ['GatewayError', '502'],
  ['Retriable4xx', '409'],
  ['418', '418'],
])('on %s a request that fails with %s is tried again, as often as is said', async (condition, failure) => {
  await retryHttp({ retryOn: [condition], numRetries: 2 });
  await eventually('a second try', async () => expect(await fails(failure, 2)).toMatchObject({ status: 200, tries: 3 }));
  expect((await fails(failure, 9)).tries).toBe(3);
  expect((await fails('404', 1)).tries).toBe(1);
});

test('a request is tried again where a proxy limits its rate, and not where the service does', async () => {
  await retryHttp({ retryOn: ['EnvoyRatelimited'] });
  await eventually('a second try', async () => expect(await fails('limited', 1)).toMatchObject({ status: 200, tries: 2 }));
  expect(await fails('429', 1)).toMatchObject({ status: 429, tries: 1 });
  await retryHttp({ retryOn: ['429', 'Retriable4xx'] });
  await eventually('a second try', async () => expect(await fails('429', 1)).toMatchObject({ status: 200, tries: 2 }));
  expect(await fails('limited', 1)).toMatchObject({ status: 429, tries: 1 });
});

test('a second try waits as long as is said', async () => {
  await retryHttp({ retryOn: ['500'], backOff: { baseInterval: '1h', maxInterval: '2h' } });
  await eventually('no second try', async () => {
    const path = `/500/1/${randomUUID()}`;
    const answer = ask(outbound('backend'), { path, timeout: 1_000 });
    await expect(answer).rejects.toThrow('no answer in time');
    expect(tries(path)).toBe(1);
  });
});

test('a back-off that begins above the longest one of another policy is as long as it begins', async () => {
  await retryHttp({ retryOn: ['500'], backOff: { baseInterval: '5ms', maxInterval: '6ms' } });
  const http = { numRetries: 2, backOff: { baseInterval: '10ms' } };
  const spec = {
    targetRef: { kind: 'Dataplane', name: 'web' },
    to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { http } }],
  };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshRetry', mesh: 'default', name: 'longer', spec }));
  await eventually('both', async () => expect((await fails('500', 9)).tries).toBe(3));
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'longer']);
});

test('one route is tried again as it says itself, by a policy on the route and by one that is attached to it', async () => {
  const matches = [{ path: { type: 'PathPrefix', value: '/500' } }];
  const route = { to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules: [{ matches, default: {} }] }] };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshHTTPRoute', mesh: 'default', name: 'of-500', spec: route }));
  await retryHttp({ retryOn: ['500', '502'], numRetries: 1 });
  const ofRoute = (spec: object) =>
    mesh.controlPlane.apply(JSON.stringify({ type: 'MeshRetry', mesh: 'default', name: 'of-route', spec }));
  const on = { kind: 'MeshHTTPRoute', name: 'of-500' };
  await ofRoute({ to: [{ targetRef: on, default: { http: { numRetries: 2 } } }] });
  await eventually('three tries', async () => expect((await fails('500', 9)).tries).toBe(3));
  expect((await fails('502', 9)).tries).toBe(2);
  await ofRoute({ targetRef: on, to: [{ targetRef: { kind: 'Mesh' }, default: { http: { numRetries: 0 } } }] });
  await eventually('one try', async () => expect((await fails('500', 9)).tries).toBe(1));
  expect((await fails('502', 9)).tries).toBe(2);
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'of-route']);
  await eventually('two tries, as everywhere', async () => expect((await fails('500', 9)).tries).toBe(2));
  await mesh.controlPlane.kumactl(['delete', 'meshhttproute', 'of-500']);
});

test('a policy that says nothing of when is for gateways that fail, and 0 switches it off', async () => {
  await retryHttp({});
  await eventually('a second try', async () => expect(await fails('503', 1)).toMatchObject({ status: 200, tries: 2 }));
  expect((await fails('500', 1)).tries).toBe(1);
  await retryHttp({ numRetries: 0 });
  await eventually('one try', async () => expect(await fails('503', 1)).toMatchObject({ status: 503, tries: 1 }));
});

test('only requests with one of the methods are tried again', async () => {
  await retryHttp({ retryOn: ['5xx', 'HttpMethodGet', 'HttpMethodPut'] });
  await eventually('a second try', async () => expect((await fails('500', 1)).status).toBe(200));
  expect((await fails('500', 1, { method: 'PUT' })).status).toBe(200);
  expect(await fails('500', 1, { method: 'POST' })).toMatchObject({ status: 500, tries: 1 });
});

test('only requests with one of the headers are tried again', async () => {
  await retryHttp({ retryOn: ['5xx'], retriableRequestHeaders: [{ type: 'Prefix', name: 'x-retry', value: 'yes' }] });
  const headers = { 'x-retry': 'yes, please' };
  await eventually('no second try', async () => expect((await fails('500', 1)).tries).toBe(1));
  expect(await fails('500', 1, { headers })).toMatchObject({ status: 200, tries: 2 });
});

test('a request is tried again for a header of its answer, beside the usual conditions', async () => {
  await retryHttp({ retriableResponseHeaders: [{ type: 'Exact', name: 'x-again', value: 'please' }] });
  await eventually('a second try', async () => expect(await fails('marked', 1)).toMatchObject({ body: 'done', tries: 2 }));
  expect(await fails('503', 1)).toMatchObject({ status: 200, tries: 2 });
  expect((await fails('500', 1)).tries).toBe(1);
});

test('a try without an answer is given up, and the next one answers', async () => {
  await retryHttp({ retryOn: ['5xx'], perTryTimeout: '300ms' });
  await eventually('a second try', async () =>
    expect(await fails('never', 1, { timeout: 2_000 })).toMatchObject({ status: 200, tries: 2 }),
  );
});

test.each([
  ['later', { name: 'retry-after', format: 'Seconds' }],
  ['at-time', { name: 'x-until', format: 'UnixTimestamp' }],
])('a service that says when to come again (%s) is left alone until then', async (failure, header) => {
  await retryHttp({ retryOn: ['503'], rateLimitedBackOff: { resetHeaders: [header], maxInterval: '10s' } });
  await eventually('the policy', async () => {
    const path = `/${failure}/1/${randomUUID()}`;
    const answer = ask(outbound('backend'), { path });
    await eventually('the first try', () => expect(tries(path)).toBeGreaterThan(0));
    // With the usual back-off the second try would come before these are through, one after the other.
    for (let other = 0; other < 20; other++) await fails('200', 0);
    expect(tries(path)).toBe(1);
    expect((await answer).status).toBe(200);
    expect(tries(path)).toBe(2);
  });
});

/** One after the other, as a proxy makes three second tries at a time at most. */
async function statuses(requests: number, request: () => Promise<Answer>): Promise<Set<number>> {
  const seen = new Set<number>();
  for (let round = 0; round < requests; round++) seen.add((await request()).status);
  return seen;
}

const ofPair = () => statuses(20, () => ask(outbound('pair')));

test('a second try goes to another endpoint than the first, as far as it may look for one', async () => {
  const http = { numRetries: 1, backOff: soon, retryOn: ['503'] };
  // In turns, the next endpoint would be another one anyway.
  const to = [{ targetRef: { kind: 'MeshService', name: 'pair' }, default: { loadBalancer: { type: 'Random' } } }];
  await mesh.controlPlane.apply(
    JSON.stringify({ type: 'MeshLoadBalancingStrategy', mesh: 'default', name: 'random', spec: { to } }),
  );
  const hostSelection = [{ predicate: 'OmitPreviousHosts' }];
  const patient = { hostSelection, hostSelectionMaxAttempts: 20 };
  for (const hasty of [{}, { hostSelection, hostSelectionMaxAttempts: 1 }]) {
    await retry('pair', { http: { ...http, ...patient } });
    await eventually('no failure', async () => expect(await ofPair()).toEqual(new Set([200])));
    await retry('pair', { http: { ...http, ...hasty } });
    await eventually('failures', async () => expect(await ofPair()).toContain(503));
  }
  await mesh.controlPlane.kumactl(['delete', 'meshloadbalancingstrategy', 'random']);
});

test.each([
  [2 ** 32 - 2, '501'],
  [2 ** 32 - 1, '505'],
  [Number.MAX_SAFE_INTEGER, '507'],
])('a second try that may look for another endpoint %d times goes to the only one soon', async (attempts, failure) => {
  const hostSelection = [{ predicate: 'OmitPreviousHosts' }];
  await retryHttp({ retryOn: [failure], hostSelection, hostSelectionMaxAttempts: attempts });
  await eventually('a second try', async () =>
    expect(await fails(failure, 1, { timeout: 2_000 })).toMatchObject({ status: 200, tries: 2 }),
  );
});

test('a second try goes to no endpoint with certain tags', async () => {
  const http = { numRetries: 1, backOff: soon, retryOn: ['503'] };
  // The good ones are left out, so that no second try helps: this shows that the tags are looked at.
  const omit = (version: string) => [{ predicate: 'OmitHostsWithTags', tags: { version } }];
  await retry('pair', { http: { ...http, hostSelection: omit('good'), hostSelectionMaxAttempts: 20 } });
  await eventually('failures', async () => expect(await ofPair()).toContain(503));
  await retry('pair', { http: { ...http, hostSelection: omit('bad'), hostSelectionMaxAttempts: 20 } });
  await eventually('no failure', async () => expect(await ofPair()).toEqual(new Set([200])));
});

test.each([
  [3, '500'],
  [2 ** 32 - 1, '508'],
])('one of %d further tries may prefer another priority, and works where there is but one', async (numRetries, failure) => {
  const hostSelection = [{ predicate: 'OmitPreviousPriorities', updateFrequency: 1 }];
  await retryHttp({ numRetries, retryOn: [failure], hostSelection });
  await eventually('a second try', async () => expect(await fails(failure, 1)).toMatchObject({ status: 200, tries: 2 }));
});

test('a connection that cannot be made is tried again, elsewhere', async () => {
  const echoes = async () => {
    const answers = Array.from({ length: 12 }, () => {
      const client = new TcpClient(outbound('database'));
      return client
        .say('x')
        .catch(() => 'closed')
        .finally(() => client.close());
    });
    return new Set(await Promise.all(answers));
  };
  // Nobody listens at its port.
  const [port] = (await freePorts(1)) as [number];
  await mesh.controlPlane.apply(
    dataplaneYaml({ name: 'gone', inbound: [{ service: 'database', port, servicePort: 1, protocol: 'tcp' }] }),
  );
  await eventually('connections that fail', async () => expect(await echoes()).toContain('closed'));
  await retry('database', { tcp: { maxConnectAttempt: 10 } });
  await eventually('connections that all succeed', async () => expect(await echoes()).toEqual(new Set(['database:x'])));
});

test('a request whose connection cannot be made is tried again, elsewhere', async () => {
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'retry-backend']);
  const [port] = (await freePorts(1)) as [number];
  await mesh.controlPlane.apply(dataplaneYaml({ name: 'gone-too', inbound: [{ service: 'backend', port, servicePort: 1 }] }));
  const ofBackend = () => statuses(12, () => fails('200', 0));
  await eventually('requests that fail', async () => expect(await ofBackend()).toContain(503));
  await retryHttp({ retryOn: ['ConnectFailure'], numRetries: 10 });
  await eventually('requests that all succeed', async () => expect(await ofBackend()).toEqual(new Set([200])));
});

test('a request whose stream is reset or refused is tried again', async () => {
  let resets = 0;
  let code = constants.NGHTTP2_CANCEL;
  // As a proxy that is going down does it.
  const server = createServer().on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    if (resets++ < 2) stream.close(code);
    else stream.respond({ ':status': 200 }, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => void server.close());
  const { port } = server.address() as AddressInfo;
  await mesh.controlPlane.apply(dataplaneYaml({ name: 'fragile', inbound: [{ service: 'fragile', port, servicePort: 1 }] }));
  await eventually('a reset', async () => {
    expect((await ask(outbound('fragile'))).body).toContain('reset');
    expect(resets).toBe(1);
  });
  await retry('fragile', { http: { numRetries: 3, backOff: soon, retryOn: ['Reset'] } });
  await eventually('a second try', async () => {
    resets = 0;
    expect((await ask(outbound('fragile'))).status).toBe(200);
    expect(resets).toBe(3);
  });
  await retry('fragile', { http: { numRetries: 3, backOff: soon, retryOn: ['RefusedStream'] } });
  await eventually('no second try', async () => {
    resets = 0;
    expect((await ask(outbound('fragile'))).status).toBe(503);
  });
  code = constants.NGHTTP2_REFUSED_STREAM;
  resets = 0;
  expect((await ask(outbound('fragile'))).status).toBe(200);
  expect(resets).toBe(3);
});
