import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../tools/fixtures/eventually.ts';
import { startHttp2Service } from '../../tools/fixtures/http2-service.ts';
import { allowAll, Mesh, meshWithMtls } from '../../tools/fixtures/mesh.ts';
import { freePorts } from '../../tools/fixtures/ports.ts';
import { ask, type HttpService, startHttpService, startTcpService, TcpClient } from '../../tools/fixtures/services.ts';
import { dataplaneYaml } from '../../tools/fixtures/sidecar.ts';

let mesh: Mesh;
let outbound: (service: string) => number;
let lonely: HttpService;
const services = new Map<string, HttpService>();
const closing: (() => Promise<void>)[] = [];
/** Statuses with which instances answer, other than 200. */
const sick = new Map<string, number>();
const held = new Set<() => void>();

const names = ['one', 'two', 'three'];

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  // A second try would hide the failure of the first.
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'mesh-retry-all-default']);
  for (const name of names) {
    const service = await startHttpService(name, (_, response) => response.writeHead(sick.get(name) ?? 200).end(name));
    services.set(name, service);
    closing.push(service.close);
    await mesh.join({ name, inbound: [{ service: 'backend', servicePort: service.port }] });
  }
  lonely = await startHttpService('lonely', (request, response) => {
    if (request.url!.startsWith('/hold')) held.add(() => response.end('held'));
    else response.writeHead(sick.get('lonely') ?? 200).end('lonely');
  });
  const tcp = await startTcpService('database');
  closing.push(lonely.close, tcp.close);
  await mesh.join({
    name: 'lonely',
    inbound: [
      { service: 'lonely', servicePort: lonely.port },
      { service: 'database', servicePort: tcp.port, protocol: 'tcp' },
    ],
  });
  ({ outbound } = await mesh.join({ name: 'web', calls: ['backend', 'lonely', 'database', 'remote'] }));
  await eventually('all instances', async () => expect(await answers()).toEqual(new Set(names)));
  await eventually('the lonely one', async () => expect((await ask(outbound('lonely'))).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await Promise.all(closing.map((close) => close()));
});

function apply(spec: object): Promise<string> {
  return mesh.controlPlane.apply(JSON.stringify({ type: 'MeshCircuitBreaker', mesh: 'default', name: 'tested', spec }));
}

const calling = (service: string, conf: object) => ({
  to: [{ targetRef: { kind: 'MeshService', name: service }, default: conf }],
});
const serving = (service: string, conf: object) => ({
  targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': service } },
  rules: [{ default: conf }],
});

/** Who answers a number of requests, or with which status they do not. */
async function answers(service = 'backend', requests = 12): Promise<Set<string>> {
  const all = await Promise.all(Array.from({ length: requests }, () => ask(outbound(service))));
  return new Set(all.map(({ status, body }) => (status === 200 ? body : String(status))));
}

/** Requests that the application holds, all let go in the end. */
async function whileHeld<T>(count: number, then: () => Promise<T>): Promise<T> {
  const before = held.size;
  const waiting = Array.from({ length: count }, () =>
    ask(outbound('lonely'), { path: `/hold/${randomUUID()}`, timeout: 60_000 }),
  );
  try {
    await eventually('requests being held', () => expect(held.size).toBe(before + count), 2_000);
    return await then();
  } finally {
    for (const release of held) release();
    held.clear();
    await Promise.all(waiting.map((answer) => answer.catch(() => {})));
  }
}

test.each([
  ['for calls', calling('lonely', { connectionLimits: { maxRequests: 1, maxRetries: 1 } })],
  [
    'for what a service takes',
    serving('lonely', { connectionLimits: { maxConnections: 1, maxPendingRequests: 1, maxRequests: 1, maxConnectionPools: 4 } }),
  ],
])('%s: requests beyond the limit are refused, until the others are through', async (_, spec) => {
  await apply(spec);
  await eventually('a refusal', () =>
    whileHeld(1, async () => {
      const requests = Array.from({ length: 3 }, () => ask(outbound('lonely'), { timeout: 1_000 }).catch(() => undefined));
      const refused = (await Promise.all(requests)).find((answer) => answer?.status === 503);
      expect(refused?.headers['x-envoy-overloaded']).toBe('true');
    }),
  );
  await eventually('an answer', async () => expect((await ask(outbound('lonely'))).status).toBe(200));
});

test('how much of a limit is left is among the statistics', async () => {
  await apply(calling('lonely', { connectionLimits: { maxRequests: 5 } }));
  await eventually('all but what is held', () =>
    whileHeld(2, async () => {
      const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=stats']);
      expect(stats).toMatch(/^cluster\.lonely\.circuit_breakers\.default\.remaining_rq: 3$/m);
    }),
  );
});

test('requests beyond the connections wait, and those beyond what may wait are refused', async () => {
  await apply(serving('lonely', { connectionLimits: { maxConnections: 1, maxPendingRequests: 1 } }));
  await eventually('one that waits', async () => {
    let answered = 0;
    const count = 8;
    const requests = Array.from({ length: count }, () =>
      ask(outbound('lonely'), { path: `/hold/${randomUUID()}` }).finally(() => answered++),
    );
    try {
      // Each of Envoy's threads has one connection at least.
      await eventually('all but one being held or refused', () => expect(held.size + answered).toBe(count - 1), 2_000);
    } finally {
      await eventually('the end of all', () => {
        for (const release of held) release();
        held.clear();
        expect(answered).toBe(count);
      });
    }
    const statuses = (await Promise.all(requests)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
  });
});

test('no more second tries run at a time than the limit says', async () => {
  const http = { numRetries: 1, retryOn: ['500'], backOff: { baseInterval: '1h', maxInterval: '2h' } };
  const retry = { to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: { http } }] };
  await mesh.controlPlane.apply(JSON.stringify({ type: 'MeshRetry', mesh: 'default', name: 'patient', spec: retry }));
  await apply(calling('backend', { connectionLimits: { maxRetries: 2 } }));
  for (const name of names) sick.set(name, 500);
  await eventually('two that wait for their second try', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => ask(outbound('backend'), { timeout: 1_000 })));
    expect(asked.filter(({ status }) => status === 'rejected')).toHaveLength(2);
  });
  sick.clear();
  await mesh.controlPlane.kumactl(['delete', 'meshretry', 'patient']);
});

test('requests for which there may be no further pool of connections are refused', async () => {
  await apply(calling('backend', { connectionLimits: { maxConnectionPools: 1 } }));
  // Each of Envoy's threads needs one for each instance.
  await eventually('a refusal', async () => expect(await answers('backend', 60)).toContain('503'));
  await apply(calling('backend', { connectionLimits: { maxConnectionPools: 1_000 } }));
  await eventually('all instances', async () => expect(await answers('backend', 60)).toEqual(new Set(names)));
});

test('TCP connections beyond the limit are closed, until another one ends', async () => {
  await apply(calling('database', { connectionLimits: { maxConnections: 1 } }));
  await eventually('a refusal', async () => {
    const first = new TcpClient(outbound('database'));
    const second = new TcpClient(outbound('database'));
    try {
      expect(await first.say('x')).toBe('database:x');
      await expect(second.say('x')).rejects.toThrow('closed');
    } finally {
      first.close();
      second.close();
    }
  });
  await eventually('a connection', async () => {
    const client = new TcpClient(outbound('database'));
    await client.say('x').finally(() => client.close());
  });
});

test('a TCP connection that was made for a client who was turned away meanwhile keeps nobody out for long', async () => {
  await apply(serving('database', { connectionLimits: { maxConnections: 1 } }));
  const connections = async () => {
    const stats = await mesh.controlPlane.kumactl(['inspect', 'dataplane', 'web', '--type=stats']);
    return Number(/^cluster\.database\.upstream_cx_active: (\d+)$/m.exec(stats)?.[1]);
  };
  await eventually('one that nobody has', async () => {
    const clients = Array.from({ length: 8 }, () => new TcpClient(outbound('database')));
    await Promise.allSettled(clients.map((client) => client.say('x')));
    for (const client of clients) client.close();
    expect(await connections()).toBe(1);
  });
  await eventually('its end', async () => expect(await connections()).toBe(0), 15_000);
});

const detection = { interval: '100ms', baseEjectionTime: '2s', maxEjectionPercent: 100 };

test.each([
  ['totalFailures', 500, { totalFailures: { consecutive: 2 } }],
  ['gatewayFailures', 502, { gatewayFailures: { consecutive: 2 } }],
  ['successRate', 500, { successRate: { minimumHosts: 3, requestVolume: 5, standardDeviationFactor: '1.1' } }],
  ['failurePercentage', 500, { failurePercentage: { minimumHosts: 3, requestVolume: 5, threshold: 60 } }],
])('%s: an instance that fails gets no requests, and gets them again', async (_, status, detectors) => {
  await apply(calling('backend', { outlierDetection: { ...detection, detectors } }));
  sick.set('two', status);
  await eventually('the others alone', async () => expect(await answers('backend', 60)).toEqual(new Set(['one', 'three'])));
  sick.clear();
  await eventually('all again', async () => expect(await answers()).toEqual(new Set(names)), 60_000);
});

test('one instance is ejected however small the share is that may be, and no second one', async () => {
  const detectors = { totalFailures: { consecutive: 2 } };
  const { maxEjectionPercent: _, ...withoutShare } = detection;
  await apply(calling('backend', { outlierDetection: { ...withoutShare, healthyPanicThreshold: 0, detectors } }));
  for (const name of names) sick.set(name, 500);
  await eventually('all but one being called', async () => {
    const before = names.map((name) => services.get(name)!.requests.length);
    await answers('backend', 60);
    const called = names.filter((name, i) => services.get(name)!.requests.length > before[i]!);
    expect(called).toHaveLength(names.length - 1);
  });
  sick.clear();
  await eventually('all again', async () => expect(await answers()).toEqual(new Set(names)), 60_000);
});

test('in what a service takes, the application is ejected where no panic lets requests pass', async () => {
  const detectors = { totalFailures: { consecutive: 2 } };
  await apply(serving('lonely', { outlierDetection: { ...detection, healthyPanicThreshold: 0, detectors } }));
  await eventually('requests that do not reach the application', async () => {
    sick.set('lonely', 500);
    await answers('lonely', 6);
    const before = lonely.requests.length;
    expect(await answers('lonely', 6)).toEqual(new Set(['503']));
    expect(lonely.requests.length).toBe(before);
  });
  sick.clear();
  await eventually('an answer', async () => expect(await answers('lonely', 3)).toEqual(new Set(['lonely'])), 60_000);
});

test('a detector does not count what another one is for, and none counts when it is switched off', async () => {
  await apply(calling('backend', { outlierDetection: { ...detection, detectors: { gatewayFailures: { consecutive: 2 } } } }));
  await eventually('the policy', async () => {
    sick.set('two', 502);
    await eventually('the others alone', async () => expect(await answers('backend', 60)).not.toContain('502'));
    sick.set('two', 500);
    await eventually('the instance being back', async () => expect(await answers('backend', 60)).toContain('500'));
  });
  for (let round = 0; round < 5; round++) expect(await answers('backend', 60)).toContain('500');
  const detectors = { totalFailures: { consecutive: 1 } };
  await apply(calling('backend', { outlierDetection: { ...detection, detectors, disabled: true } }));
  for (let round = 0; round < 5; round++) expect(await answers('backend', 60)).toContain('500');
  sick.clear();
});

test('localOriginFailures: an instance that cannot be reached gets no requests, and gets them again when it can', async () => {
  // Without mutual TLS, what speaks HTTP/2 in plain text is as good as a proxy.
  await mesh.controlPlane.apply(JSON.stringify({ type: 'Mesh', name: 'default' }));
  const there = await startHttp2Service('there');
  closing.push(there.close);
  const [port] = (await freePorts(1)) as [number];
  const remote = (name: string, at: number) =>
    mesh.controlPlane.apply(dataplaneYaml({ name, inbound: [{ service: 'remote', port: at, servicePort: 1 }] }));
  await remote('there', there.port);
  await remote('away', port);
  await eventually('failures', async () => expect(await answers('remote')).toEqual(new Set(['there', '503'])));
  const detectors = { localOriginFailures: { consecutive: 1 } };
  await apply(calling('remote', { outlierDetection: { ...detection, splitExternalAndLocalErrors: true, detectors } }));
  await eventually('the other alone', async () => expect(await answers('remote', 40)).toEqual(new Set(['there'])));
  const back = await startHttp2Service('back', port);
  closing.push(back.close);
  await eventually('both', async () => expect(await answers('remote')).toEqual(new Set(['there', 'back'])), 60_000);
});

test('over TCP gatewayFailures counts connections that cannot be made, unless these are counted apart', async () => {
  const [port] = (await freePorts(1)) as [number];
  const inbound = [{ service: 'database', port, servicePort: 1, protocol: 'tcp' }];
  await mesh.controlPlane.apply(dataplaneYaml({ name: 'gone', inbound }));
  const echoes = async () => {
    const clients = Array.from({ length: 20 }, () => new TcpClient(outbound('database')));
    const heard = await Promise.all(clients.map((client) => client.say('x').catch(() => 'closed')));
    for (const client of clients) client.close();
    return new Set(heard);
  };
  const detect = (splitExternalAndLocalErrors: boolean) => {
    const detectors = { gatewayFailures: { consecutive: 1 } };
    const outlierDetection = { ...detection, baseEjectionTime: '1m', splitExternalAndLocalErrors, detectors };
    return apply(calling('database', { outlierDetection }));
  };
  expect(await detect(true)).toContain('has no effect');
  for (let round = 0; round < 3; round++) {
    await eventually('a failure', async () => expect(await echoes()).toContain('closed'));
  }
  expect(await detect(false)).not.toContain('has no effect');
  await eventually('the other alone', async () => expect(await echoes()).toEqual(new Set(['database:x'])));
});
