import { allowAll, Mesh, meshWithMtls } from '../../fixtures/mesh.ts';
import { type Answer, ask, startHttpService } from '../../fixtures/services.ts';
import type { Figure } from '../figures.ts';

const fewPolicies = 3;
const manyPolicies = 300;

interface Kind {
  readonly name?: string;
  readonly type: string;
  /** A policy of its own for each client, which selects the server. */
  readonly spec: (client: string, number: number, mesh: string) => object;
  readonly hasEffect: (answer: Answer) => boolean;
}

const server = { kind: 'Dataplane', labels: { app: 'backend' } };
const from = (client: string, conf: object) => ({
  targetRef: server,
  from: [{ targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': client } }, default: conf }],
});

/** In a mesh where nobody is permitted; for all others everybody is. */
const allowing: Kind = {
  name: 'MeshTrafficPermission that allows',
  type: 'MeshTrafficPermission',
  spec: (client) => from(client, { action: 'Allow' }),
  hasEffect: ({ status }) => status === 200,
};

const kinds: readonly Kind[] = [
  allowing,
  {
    name: 'MeshTrafficPermission that denies',
    type: 'MeshTrafficPermission',
    spec: (client) => from(client, { action: 'Deny' }),
    hasEffect: ({ status }) => status === 403,
  },
  {
    type: 'MeshFaultInjection',
    spec: (client) => from(client, { http: [{ abort: { httpStatus: 418, percentage: 100 } }] }),
    hasEffect: ({ status }) => status === 418,
  },
  {
    type: 'MeshRateLimit',
    spec: (client, _number, mesh) => ({
      targetRef: server,
      rules: [
        {
          matches: [{ spiffeID: { type: 'Exact', value: `spiffe://${mesh}/${client}` } }],
          default: { local: { http: { requestRate: { num: 1, interval: '1h' } } } },
        },
      ],
    }),
    hasEffect: ({ status }) => status === 429,
  },
  {
    type: 'MeshHTTPRoute',
    spec: (client, number) => ({
      targetRef: { kind: 'Mesh' },
      to: [
        {
          targetRef: { kind: 'MeshService', name: 'backend' },
          rules: [
            {
              matches: [{ path: { type: 'PathPrefix', value: client === 'web' ? '/' : `/${number}` } }],
              default: {
                filters: [
                  { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-route', value: client }] } },
                ],
              },
            },
          ],
        },
      ],
    }),
    hasEffect: ({ headers }) => headers['x-route'] === 'web',
  },
];

/**
 * Policies of one kind that all select the same proxy, few in one mesh and many in the other: from the return of a `PUT` or
 * a `DELETE` of one more until its client sees that. Changes are made in both in turn.
 */
export async function crowd(rounds: number): Promise<readonly Figure[]> {
  const mesh = await Mesh.start();
  const backend = await startHttpService('backend');
  try {
    const few = await Side.start(mesh, 'few', backend.port);
    const many = await Side.start(mesh, 'many', backend.port);
    const figures: Figure[] = [];
    for (const kind of kinds) {
      if (kind !== allowing) for (const side of [few, many]) await side.allowAll(mesh);
      const name = kind.name ?? kind.type;
      process.stderr.write(`  ${name}\n`);
      await few.fill(kind, fewPolicies);
      await many.fill(kind, manyPolicies);
      const samples = { few: [] as number[], many: [] as number[] };
      for (let round = 0; round < rounds; round++) {
        samples.few.push(...(await few.change(kind)));
        samples.many.push(...(await many.change(kind)));
      }
      await few.clear(kind, fewPolicies);
      await many.clear(kind, manyPolicies);
      figures.push({ name: `${name}, ${fewPolicies} of it`, unit: 'ms', samples: samples.few });
      figures.push({ name: `${name}, ${manyPolicies} of it`, unit: 'ms', samples: samples.many });
    }
    return figures;
  } finally {
    await mesh.stop();
    await backend.close();
  }
}

/** One mesh with a server and its client. */
class Side {
  readonly #mesh: string;
  readonly #api: string;
  readonly #port: number;

  private constructor(mesh: string, api: string, port: number) {
    this.#mesh = mesh;
    this.#api = api;
    this.#port = port;
  }

  static async start(mesh: Mesh, name: string, servicePort: number): Promise<Side> {
    await mesh.controlPlane.apply(meshWithMtls(name));
    await mesh.join({ name: 'backend', mesh: name, inbound: [{ service: 'backend', servicePort }] });
    const web = await mesh.join({ name: 'web', mesh: name, calls: ['backend'] });
    const side = new Side(name, `${mesh.controlPlane.apiUrl}/meshes/${name}`, web.outbound('backend'));
    await side.#until(({ status }) => status === 403);
    return side;
  }

  async allowAll(mesh: Mesh): Promise<void> {
    await mesh.controlPlane.apply(allowAll(this.#mesh));
    await this.#until(({ status }) => status === 200);
  }

  async fill(kind: Kind, count: number): Promise<void> {
    for (let number = 1; number < count; number++) await this.#put(kind, `client-${number}`, number);
  }

  async clear(kind: Kind, count: number): Promise<void> {
    for (let number = 1; number < count; number++) await this.#send('DELETE', kind, `client-${number}`);
  }

  /** @returns milliseconds until the effect is there, and until it is gone */
  async change(kind: Kind): Promise<readonly number[]> {
    await this.#put(kind, 'web', 0);
    const came = await this.#until(kind.hasEffect);
    await this.#send('DELETE', kind, 'web');
    const went = await this.#until((answer) => !kind.hasEffect(answer));
    return [came, went];
  }

  #put(kind: Kind, client: string, number: number): Promise<void> {
    return this.#send('PUT', kind, client, {
      type: kind.type,
      name: client,
      mesh: this.#mesh,
      spec: kind.spec(client, number, this.#mesh),
    });
  }

  async #send(method: string, kind: Kind, name: string, body?: object): Promise<void> {
    const url = `${this.#api}/${kind.type.toLowerCase()}s/${name}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  }

  async #until(holds: (answer: Answer) => boolean): Promise<number> {
    const started = performance.now();
    for (;;) {
      const answer = await ask(this.#port).catch(() => undefined);
      if (answer && holds(answer)) return performance.now() - started;
      if (performance.now() - started > 30_000) throw new Error(`no effect in 30 s; last status ${answer?.status}`);
    }
  }
}
