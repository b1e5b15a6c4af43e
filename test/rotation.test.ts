import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../tools/fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../tools/fixtures/mesh.ts';
import { ask, type HttpService, startHttpService } from '../tools/fixtures/services.ts';

let mesh: Mesh;
let backend: HttpService;
let port: number;

beforeAll(async () => {
  mesh = await Mesh.start();
  await mesh.controlPlane.apply(`${meshWithMtls('default', { expiration: '8s' })}\n---\n${allowAll()}`);
  backend = await startHttpService('backend');
  await mesh.join({ name: 'backend', inbound: [{ service: 'backend', servicePort: backend.port }] });
  port = (await mesh.join({ name: 'web', calls: ['backend'] })).outbound('backend');
  await eventually('a first answer', async () => expect((await ask(port)).status).toBe(200));
});

afterAll(async () => {
  await mesh?.stop();
  await backend?.close();
});

interface Overviews {
  readonly items: readonly {
    readonly dataplaneInsight?: {
      readonly mTLS?: { readonly certificateRegenerations?: number; readonly issuedBackend?: string };
    };
  }[];
}

const overviews = async (): Promise<Overviews> =>
  JSON.parse(await mesh.controlPlane.kumactl(['inspect', 'dataplanes', '-o', 'json'])) as Overviews;

/** Requests on new and on open connections, as fast as they are answered, while something else happens. */
async function during(happening: () => Promise<unknown>): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  let over = false;
  const statuses = new Set<number | string>();
  const traffic = (async () => {
    while (!over) {
      for (const options of [{ agent }, {}]) {
        statuses.add(
          await ask(port, options).then(
            (answer) => answer.status,
            (error: Error) => error.message,
          ),
        );
      }
    }
  })();
  await happening();
  over = true;
  await traffic;
  agent.destroy();
  expect([...statuses]).toEqual([200]);
}

test('certificates are renewed before they end, without a failed request', async () => {
  await during(() =>
    eventually(
      'two renewals of both proxies',
      async () => {
        const counts = (await overviews()).items.map((item) => item.dataplaneInsight?.mTLS?.certificateRegenerations ?? 0);
        expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
      },
      60_000,
      500,
    ),
  );
});

test('another certificate authority takes over without a failed request', async () => {
  const backends = ['ca-1', 'ca-2'].map((name) => ({ name, type: 'builtin', dpCert: { rotation: { expiration: '8s' } } }));
  const withBoth = (enabledBackend: string) =>
    JSON.stringify({ type: 'Mesh', name: 'default', mtls: { enabledBackend, backends, skipValidation: true } });
  await during(async () => {
    await mesh.controlPlane.apply(withBoth('ca-1'));
    await mesh.controlPlane.apply(withBoth('ca-2'));
    await eventually(
      'certificates of the new authority',
      async () => {
        const issued = (await overviews()).items.map((item) => item.dataplaneInsight?.mTLS?.issuedBackend);
        expect(issued).toEqual(['ca-2', 'ca-2']);
      },
      60_000,
      500,
    );
  });
});
