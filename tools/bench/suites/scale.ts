import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { typeUrls } from '../../../packages/xds-encode/src/encoded.ts';
import { allowAll, Mesh, meshWithMtls } from '../../fixtures/mesh.ts';
import type { Figure } from '../figures.ts';
import { latencyDuring } from '../measure/api-latency.ts';
import { type Usage, usageOf } from '../measure/control-plane-usage.ts';
import { CpuProfiler, profiled } from '../measure/cpu-profiler.ts';
import { RealEnvoy } from '../measure/real-envoy.ts';
import { openStoreFor, type StoreName } from '../measure/stores.ts';
import { dataplaneOf, groupSize, serviceName } from '../simulator/fleet.ts';
import type { Expectation } from '../simulator/protocol.ts';
import { RemoteFleet } from '../simulator/remote-fleet.ts';
import * as changes from './scale-changes.ts';

export interface ScaleOptions {
  /** Simulated sidecars of each run. */
  readonly proxies: readonly number[];
  /** Services among which they are shared out. */
  readonly services: number;
  /** Services that each of them calls. */
  readonly outbounds: number;
  readonly store: StoreName;
  readonly form: 'delta' | 'sotw';
  /** Further policies in the mesh, of kinds and targets as they come in real meshes. */
  readonly policies: number;
  /** Real sidecars with Envoy among the simulated ones. */
  readonly envoys: number;
  readonly rounds: number;
  /** Folder for CPU profiles of the control plane, one for each phase. */
  readonly profile: string | undefined;
}

/** Milliseconds that the control plane has to finish what a change left to do, such as writing down what it saw. */
const settling = 1_500;
/** What was seen of new proxies is written within this time of their connecting; only then does nothing change. Milliseconds. */
const noticing = 12_000;
const idling = 5_000;
/** In one of them V8 may clean up after the storm. */
const idleWindows = 6;

/** A control plane with many sidecars on this one machine: how long they wait, and what that costs. */
export async function scale(options: ScaleOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const count of options.proxies) {
    await using run = await ScaleRun.start(count, options);
    figures.push(...(await run.measure()));
  }
  return figures;
}

interface Cost extends Usage {
  readonly fleetCpuSeconds: number;
}

/** One kind of change, made again and again, and who should see it. */
export interface RepeatedChange {
  readonly name: string;
  readonly resourceOf: (round: number) => changes.Change;
  readonly expected: Expectation;
}

/** A control plane and its fleet. */
export class ScaleRun implements AsyncDisposable {
  readonly #count: number;
  readonly #options: ScaleOptions;
  readonly #parts: AsyncDisposableStack;
  readonly #mesh: Mesh;
  readonly #fleet: RemoteFleet;
  readonly #envoys: RealEnvoy[] = [];
  readonly #profiler: CpuProfiler | undefined;
  readonly #figures: Figure[] = [];

  private constructor(
    count: number,
    options: ScaleOptions,
    parts: { mesh: Mesh; fleet: RemoteFleet; all: AsyncDisposableStack; profiler?: CpuProfiler },
  ) {
    this.#count = count;
    // A service without instances has no protocol, and so no routes to wait for.
    this.#options = { ...options, services: Math.min(options.services, count) };
    this.#mesh = parts.mesh;
    this.#fleet = parts.fleet;
    this.#parts = parts.all;
    this.#profiler = parts.profiler;
  }

  static async start(count: number, options: ScaleOptions): Promise<ScaleRun> {
    await using all = new AsyncDisposableStack();
    const store = await openStoreFor(options.store);
    all.defer(() => store.close());
    const mesh = await Mesh.start({ env: { ...store.env, ...(options.profile && profiled) } });
    all.defer(() => mesh.stop());
    await mesh.controlPlane.apply(meshWithMtls());
    await mesh.controlPlane.apply(allowAll());
    const profiler =
      options.profile && (await CpuProfiler.attach(mesh.controlPlane.process.output, `${options.profile}/${count}`));
    if (profiler) all.defer(() => profiler.close());
    const fleet = await RemoteFleet.launch();
    all.defer(() => fleet.stop());
    return new ScaleRun(count, options, { mesh, fleet, all: all.move(), ...(profiler && { profiler }) });
  }

  async measure(): Promise<readonly Figure[]> {
    await this.connect();
    await this.#idle();
    for (const change of this.changes) await this.#measureChange(change);
    const { residentMegabytes, heapMegabytes } = await this.#usage();
    this.#figure('memory, resident at the end', 'MB', [residentMegabytes]);
    this.#figure('memory, JavaScript heap at the end', 'MB', [heapMegabytes]);
    return this.#figures;
  }

  get changes(): readonly RepeatedChange[] {
    const ten = Math.min(this.#count, groupSize);
    return [
      { name: 'timeout changed for all', resourceOf: changes.timeoutForAll, expected: this.#newClusters(this.#count) },
      { name: 'permission changed for all', resourceOf: changes.permissionForAll, expected: this.#newInbounds(this.#count) },
      { name: 'timeout changed for ten', resourceOf: changes.timeoutForTen, expected: this.#newClusters(ten) },
      {
        name: 'endpoint changed',
        resourceOf: (round) => changes.endpoint(round, this.#options),
        expected: this.#newEndpoints(),
      },
    ];
  }

  /** @returns milliseconds until each of the sidecars saw it */
  make({ resourceOf, expected }: RepeatedChange, round: number): Promise<readonly number[]> {
    return this.#fleet.timesOf(() => this.#put(resourceOf(round)), expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }

  /** Puts the policies and connects all sidecars. */
  async connect(): Promise<void> {
    const { controlPlane } = this.#mesh;
    const { services, outbounds, form, envoys, policies } = this.#options;
    for (let index = 0; index < policies; index++) await this.#put(changes.furtherPolicy(index, this.#options));
    const token = await controlPlane.kumactl(['generate', 'dataplane-token', '--mesh', 'default', '--valid-for', '24h']);
    const before = await this.#usage();
    const began = performance.now();
    const connecting = this.#phase('connect', async () => {
      const { controlPlane } = this.#mesh;
      const all = this.#fleet.start(
        {
          controlPlane: controlPlane.dataPlaneUrl,
          ca: readFileSync(controlPlane.caFile, 'utf8'),
          token: token.trim(),
          mesh: 'default',
          count: this.#count,
          services,
          outbounds,
          form,
        },
        this.#everything(),
      );
      const real = Array.from({ length: envoys }, async (_, index) => {
        const { sidecar } = await this.#mesh.join({ name: `envoy-${index}`, calls: [serviceName(0)] });
        this.#envoys.push(new RealEnvoy(sidecar.workDir));
      });
      await Promise.all([all, ...real]);
    });
    const latencies = await latencyDuring(`${controlPlane.apiUrl}/meshes`, connecting);
    this.#figure('all connected and configured', 's', [(performance.now() - began) / 1000]);
    this.#figure('GET /meshes meanwhile', 'ms', latencies);
    await setTimeout(settling);
    this.#costs('connect', before, await this.#usage(), this.#count);
  }

  async #idle(): Promise<void> {
    await setTimeout(noticing);
    const shares: number[] = [];
    let before = await this.#usage();
    await this.#phase('idle', async () => {
      for (let window = 0; window < idleWindows; window++) {
        await setTimeout(idling);
        const after = await this.#usage();
        shares.push(((after.cpuSeconds - before.cpuSeconds) / idling) * 100_000);
        before = after;
      }
    });
    this.#figure('memory, resident when idle', 'MB', [before.residentMegabytes]);
    this.#figure('CPU while nothing changes', '%', shares);
  }

  async #measureChange(change: RepeatedChange): Promise<void> {
    const { name, expected } = change;
    const { rounds } = this.#options;
    const forAll = expected.sidecars === this.#count;
    const samples: number[] = [];
    const real: number[] = [];
    const before = await this.#usage();
    await this.#phase(name, async () => {
      for (let round = 1; round <= rounds; round++) {
        const seen = forAll ? await Promise.all(this.#envoys.map((envoy) => envoy.watch())) : [];
        samples.push(...(await this.make(change, round)));
        for (const each of seen) real.push(await each());
      }
    });
    this.#figure(name, 'ms', samples);
    if (real.length > 0) this.#figure(`${name}, at real Envoys`, 'ms', real);
    await setTimeout(settling);
    this.#costs(name, before, await this.#usage(), rounds);
  }

  #costs(name: string, before: Cost, after: Cost, times: number): void {
    const each = (key: keyof Cost) => (after[key] - before[key]) / times;
    this.#figure(`${name}: CPU of the control plane`, 'ms', [each('cpuSeconds') * 1000]);
    this.#figure(`${name}: CPU of the simulation`, 'ms', [each('fleetCpuSeconds') * 1000]);
    this.#figure(`${name}: configurations made`, '', [each('generations')]);
    this.#figure(`${name}: responses`, '', [each('responses')]);
    this.#figure(`${name}: sent`, 'KB', [each('kilobytesSent')]);
  }

  /** Responses to a change of clusters bring endpoints again, as Envoy wants them; they are not waited for. */
  #newClusters(sidecars: number): Expectation {
    return { kind: 'news', sidecars, typeUrls: [typeUrls.cluster], perSidecar: this.#calls };
  }

  #newInbounds(sidecars: number): Expectation {
    return { kind: 'news', sidecars, typeUrls: [typeUrls.route, typeUrls.listener], perSidecar: 1 };
  }

  /** Service 0 is called by the last services, as many as each service calls. */
  #newEndpoints(): Expectation {
    const { services, outbounds } = this.#options;
    const callers = Array.from({ length: this.#count }, (_, index) =>
      dataplaneOf(index, { mesh: 'default', services, outbounds }),
    ).filter(({ networking }) => networking.outbound.some(({ tags }) => tags['kuma.io/service'] === serviceName(0)));
    return { kind: 'news', sidecars: callers.length, typeUrls: [typeUrls.endpoints], name: serviceName(0), perSidecar: 1 };
  }

  #everything(): Expectation {
    const all = this.#calls;
    const atLeast = { [typeUrls.endpoints]: all, [typeUrls.listener]: all + 1, [typeUrls.route]: all + 1 };
    return { kind: 'holdings', sidecars: this.#count, atLeast };
  }

  get #calls(): number {
    return Math.min(this.#options.outbounds, this.#options.services - 1);
  }

  async #usage(): Promise<Cost> {
    const usage = await usageOf(`http://127.0.0.1:${this.#mesh.controlPlane.ports.diagnostics}`);
    return { ...usage, fleetCpuSeconds: await this.#fleet.cpuSeconds() };
  }

  async #put({ path, body }: changes.Change): Promise<void> {
    const url = `${this.#mesh.controlPlane.apiUrl}${path}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
  }

  #phase<T>(phase: string, work: () => Promise<T>): Promise<T> {
    process.stderr.write(`  ${this.#count} sidecars: ${phase}\n`);
    return this.#profiler ? this.#profiler.during(phase, work) : work();
  }

  #figure(name: string, unit: Figure['unit'], samples: readonly number[]): void {
    this.#figures.push({ name: `${this.#count} sidecars: ${name}`, unit, samples });
  }
}
