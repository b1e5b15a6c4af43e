import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let port: number;
let failing = 0;
const held: (() => void)[] = [];
/** Called with each request that is held. */
let onHeld: () => unknown = () => {};

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
  backend = await startHttpService('backend', (request, response) => {
    if (request.url === '/hold') {
      held.push(() => response.end('held'));
      onHeld();
      return;
    }
    if (failing > 0) {
      failing--;
      response.writeHead(503);
    }
    response.end('backend');
  });
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  port = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('a first answer', async () => expect((await ask(port)).status).toBe(200));
});

afterAll(async () => {
  for (const release of held) release();
  await mesh?.stop();
  await backend?.close();
});

function policy(type: string, conf: unknown): string {
  const to = [{ targetRef: { kind: 'MeshService', name: 'backend' }, default: conf }];
  return JSON.stringify({ type, mesh: 'default', name: `${type.toLowerCase()}-test`, spec: { targetRef: { kind: 'Mesh' }, to } });
}

test('a MeshTimeout ends a request that takes too long', async () => {
  await mesh.controlPlane.apply(policy('MeshTimeout', { http: { requestTimeout: '200ms' } }));
  await eventually('a timeout', async () => expect((await ask(port, { path: '/hold', timeout: 3_000 })).status).toBe(504));
});

test('a MeshRetry hides failures of the service, and without it they are seen', async () => {
  await mesh.controlPlane.apply(policy('MeshRetry', { http: { numRetries: 0 } }));
  await eventually('a failure that is seen', async () => {
    failing = 1;
    expect((await ask(port)).status).toBe(503);
  });
  failing = 0;
  await mesh.controlPlane.apply(policy('MeshRetry', { http: { numRetries: 3, retryOn: ['5XX'] } }));
  await eventually('a failure that is hidden', async () => {
    failing = 2;
    expect((await ask(port)).status).toBe(200);
  });
  failing = 0;
});

test('a MeshCircuitBreaker limits requests that run at a time', async () => {
  await mesh.controlPlane.apply(policy('MeshTimeout', { http: { requestTimeout: '30s' } }));
  await mesh.controlPlane.apply(policy('MeshRetry', { http: { numRetries: 0 } }));
  await mesh.controlPlane.apply(
    policy('MeshCircuitBreaker', { connectionLimits: { maxConnections: 1, maxRequests: 1, maxPendingRequests: 1 } }),
  );
  await eventually('an overflow', async () => {
    const allHeld = new Promise<{ status: number }>((resolve) => {
      onHeld = () => held.length === 5 && resolve({ status: 200 });
    });
    const calls = Array.from({ length: 5 }, () => ask(port, { path: '/hold' }).catch(() => ({ status: 0 })));
    const first = await Promise.race([...calls, allHeld]);
    for (const release of held.splice(0)) release();
    expect(first.status).toBe(503);
    await Promise.all(calls);
  });
});

test('a MeshCircuitBreaker ejects an endpoint that fails, and it comes back', async () => {
  await mesh.controlPlane.apply(
    policy('MeshCircuitBreaker', {
      connectionLimits: { maxConnections: 100, maxRequests: 100, maxPendingRequests: 100 },
      outlierDetection: {
        interval: '1s',
        baseEjectionTime: '1s',
        maxEjectionPercent: 100,
        healthyPanicThreshold: 0,
        detectors: { totalFailures: { consecutive: 2 } },
      },
    }),
  );
  failing = 1_000_000;
  const before = backend.requests.length;
  await eventually('no endpoint being left', async () => {
    const answer = await ask(port);
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('no healthy upstream');
  });
  expect(backend.requests.length).toBeGreaterThan(before);
  failing = 0;
  await eventually('the endpoint being back', async () => expect((await ask(port)).status).toBe(200), 30_000);
});
