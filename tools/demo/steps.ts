import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { eventually } from '../fixtures/eventually.ts';
import type { WebAnswer, World } from './world.ts';

/** One thing that the demo shows. It throws when it could not be seen. */
export interface DemoStep {
  readonly title: string;
  /** One line: what happens and why it matters. */
  readonly explanation: string;
  /** @returns what was seen, for the summary */
  readonly run: (world: World) => Promise<string>;
}

const example = (file: string) => readFileSync(join(import.meta.dirname, 'resources', file), 'utf8');

function expectAnswer(condition: boolean, answer: WebAnswer): void {
  if (!condition) throw new Error(`web got ${JSON.stringify(answer)}`);
}

/** Traffic that runs beside a step. Every failure counts: nothing here retries. */
function keepAsking(ask: () => Promise<unknown>): { stop: () => Promise<{ asked: number; failures: readonly string[] }> } {
  const failures: string[] = [];
  let asked = 0;
  let going = true;
  const loop = (async () => {
    while (going) {
      asked++;
      await ask().catch((error: Error) => failures.push(error.message));
    }
  })();
  return {
    stop: async () => {
      going = false;
      await loop;
      return { asked, failures };
    },
  };
}

async function askExpecting200(world: World): Promise<void> {
  const answer = await world.ask();
  expectAnswer(answer.status === 200, answer);
}

export const demoSteps: readonly DemoStep[] = [
  {
    title: 'Start the control plane',
    explanation: 'kuma-cp with its embedded store: one process, one file, no database to install.',
    run: async (world) => {
      await world.startControlPlane();
      return `HTTP API at ${world.controlPlane.apiUrl}`;
    },
  },
  {
    title: 'Start web and two versions of backend',
    explanation: 'Each service runs beside its own kuma-dp, which starts an Envoy; nobody talks but through them.',
    run: async (world) => {
      await world.startServices();
      return '3 services, 3 sidecars';
    },
  },
  {
    title: 'Refused without a permission',
    explanation: 'Mutual TLS goes on, and with it the rule that who is not allowed is refused.',
    run: async (world) => {
      await world.controlPlane.apply(example('mesh.yaml'));
      const { value } = await eventually('a refusal', async () => {
        const answer = await world.ask();
        expectAnswer(answer.status === 403, answer);
        return answer;
      });
      return `web → backend: ${value.status}; needed: a MeshTrafficPermission that allows spiffe://default/web`;
    },
  },
  {
    title: 'Allowed after kumactl apply',
    explanation: 'A MeshTrafficPermission lets web, and only web, call backend.',
    run: async (world) => {
      await world.controlPlane.apply(example('permission.yaml'));
      const { took } = await eventually('an allowed call', () => askExpecting200(world), 20_000, 5);
      await eventually('an allowed TCP connection', () => world.askTcp());
      return `200, ${Math.round(took)} ms after kumactl returned`;
    },
  },
  {
    title: 'Mutual TLS with SPIFFE identities',
    explanation: 'Backend sees who called from the certificate, and plain text gets nowhere.',
    run: async (world) => {
      const answer = await world.ask();
      const caller = typeof answer.body === 'object' ? answer.body.caller : null;
      if (!caller?.includes('URI=spiffe://default/web')) throw new Error(`backend saw the caller ${caller}`);
      const plain = await plainText(world.backends[0]!.inboundPort);
      if (!plain.startsWith('failed')) throw new Error(`a plain-text request got an answer: ${plain}`);
      return 'backend saw spiffe://default/web; plain text failed';
    },
  },
  {
    title: 'Split traffic 90/10',
    explanation: 'A MeshHTTPRoute sends nine of ten requests to v1 and one to v2.',
    run: async (world) => {
      await world.controlPlane.apply(example('route.yaml'));
      const { value } = await eventually('a split near 90/10', async () => {
        const answers = await Promise.all(Array.from({ length: 300 }, () => world.ask()));
        const v1 = answers.filter((answer) => typeof answer.body === 'object' && answer.body.version === 'v1').length;
        const failed = answers.filter((answer) => answer.status !== 200).length;
        if (failed > 0) throw new Error(`${failed} requests failed`);
        if (v1 < 240 || v1 > 292) throw new Error(`v1 got ${v1} of 300`);
        return v1;
      });
      return `v1 ${value}, v2 ${300 - value} of 300 requests`;
    },
  },
  {
    title: 'The control plane is killed and comes back',
    explanation: 'SIGKILL in the middle of traffic: sidecars go on with what they know, and nothing that was written is lost.',
    run: async (world) => {
      const before = await resourceNames(world);
      const traffic = keepAsking(() => askExpecting200(world));
      world.controlPlane.process.kill('SIGKILL');
      world.controlPlane = await world.controlPlane.startAgain();
      await eventually('all sidecars being back', async () => {
        const table = await world.controlPlane.kumactl(['inspect', 'dataplanes']);
        const online = table.split('\n').filter((line) => line.includes('Online')).length;
        if (online !== 3) throw new Error(`${online} of 3 are online`);
      });
      const { asked, failures } = await traffic.stop();
      if (failures.length > 0) throw new Error(`${failures.length} of ${asked} requests failed: ${failures[0]}`);
      const after = await resourceNames(world);
      if (after !== before) throw new Error(`resources differ after the restart:\n${before}\n${after}`);
      return `${asked} requests, none failed; all resources still there`;
    },
  },
  {
    title: 'Drain a sidecar under traffic',
    explanation:
      'Retries are off. backend-v2 gets SIGTERM, leaves the load balancing first, then ends: no request fails, HTTP or TCP.',
    run: async (world) => {
      await world.controlPlane.kumactl(['delete', 'meshretry', 'mesh-retry-all-default']);
      const http = keepAsking(() => askExpecting200(world));
      const tcp = keepAsking(() => world.askTcp());
      const leaving = world.backends.find((backend) => backend.version === 'v2')!;
      await world.controlPlane.kumactl(['delete', 'meshhttproute', 'split-backend']);
      leaving.sidecar.process.kill('SIGTERM');
      const { code } = await leaving.sidecar.process.exited;
      const results = [await http.stop(), await tcp.stop()];
      const failures = results.flatMap((result) => result.failures);
      if (failures.length > 0) throw new Error(`${failures.length} requests failed: ${failures[0]}`);
      if (code !== 0) throw new Error(`kuma-dp ended with ${code}:\n${leaving.sidecar.process.output.slice(-2000)}`);
      return `${results[0]!.asked} HTTP requests and ${results[1]!.asked} TCP connections, none failed`;
    },
  },
];

async function resourceNames(world: World): Promise<string> {
  const kinds = ['meshes', 'meshtrafficpermissions', 'meshhttproutes', 'meshtimeouts', 'dataplanes'];
  const lists = await Promise.all(kinds.map((kind) => world.controlPlane.kumactl(['get', kind, '-o', 'json'])));
  return lists
    .map((list) =>
      (JSON.parse(list) as { items: { type: string; name: string }[] }).items
        .map((item) => `${item.type} ${item.name}`)
        .join('\n'),
    )
    .join('\n');
}

function plainText(port: number): Promise<string> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(`status ${response.statusCode}`);
    });
    call.on('timeout', () => call.destroy(new Error('no answer in 5 s')));
    call.on('error', (error) => resolve(`failed: ${error.message}`));
    call.end();
  });
}
