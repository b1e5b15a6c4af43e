import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Fleet, type FleetOptions } from '../bench/simulator/fleet.ts';
import type { SimulatedSidecar } from '../bench/simulator/simulated-sidecar.ts';
import { ControlPlane } from '../fixtures/control-plane.ts';
import { ControlPlanes } from '../fixtures/control-planes.ts';
import { eventually } from '../fixtures/eventually.ts';
import { allowAll, Mesh, meshWithMtls } from '../fixtures/mesh.ts';
import { ask, startHttpService, startTcpService } from '../fixtures/services.ts';
import type { Sidecar } from '../fixtures/sidecar.ts';
import { copyOfStore } from './copy-of-store.ts';
import type { Disturbance } from './disturbances.ts';
import { type HeldConfiguration, heldByEnvoy, heldBySimulated } from './held-configuration.ts';
import { RecordingWriter } from './recording-writer.ts';
import { SteadyCallers } from './steady-callers.ts';
import { instanceOf, timeoutOf } from './targets.ts';

export interface ChaosOptions {
  /** Simulated sidecars beside the real ones; half of them speak delta, half state-of-the-world. */
  readonly sidecars: number;
  readonly services: number;
  readonly outbounds: number;
  /** What goes wrong, one after the other. */
  readonly disturbances: Iterable<Disturbance>;
  /** Milliseconds from the beginning of a disturbance to that of the next, at least. */
  readonly every: number;
  /** Called with what happens. */
  readonly log?: (line: string) => void;
}

export interface ChaosReport {
  /** What must not be: each is a fault of the control plane. */
  readonly lostWrites: readonly string[];
  readonly contradictions: readonly string[];
  readonly wrongConfigurations: readonly string[];
  readonly failedRequests: readonly string[];
  /** Resources that sidecars with the delta form got though they had them. */
  readonly repeats: number;
  /** Milliseconds: of acknowledged writes, of requests in the mesh, without a stream, and until all was well again. */
  readonly writes: readonly number[];
  readonly requests: readonly number[];
  readonly absences: readonly number[];
  readonly recoveries: readonly { readonly from: string; readonly took: number }[];
  readonly refusals: ReadonlyMap<number | 'cut', number>;
}

const instances = 3;
const forms = ['delta', 'sotw'] as const;
/** Milliseconds; a bound for what is broken. */
const patience = 90_000;

/** Three control planes over one database behind one address, with sidecars, traffic and writers, while things go wrong. */
export class ChaosRun implements AsyncDisposable {
  readonly #options: ChaosOptions;
  readonly #parts: AsyncDisposableStack;
  readonly #world: ControlPlanes;
  readonly #mesh: Mesh;
  readonly #token: string;
  readonly #fleets: Fleet[] = [];
  readonly #real: Sidecar[] = [];
  readonly #writers: RecordingWriter[] = [];
  readonly #absences: number[] = [];
  readonly #recoveries: { from: string; took: number }[] = [];
  #ports: { readonly http: number; readonly tcp: number } | undefined;

  private constructor(
    options: ChaosOptions,
    parts: { world: ControlPlanes; mesh: Mesh; token: string; all: AsyncDisposableStack },
  ) {
    this.#options = options;
    this.#world = parts.world;
    this.#mesh = parts.mesh;
    this.#token = parts.token;
    this.#parts = parts.all;
  }

  static async start(options: ChaosOptions): Promise<ChaosRun> {
    await using all = new AsyncDisposableStack();
    const world = await ControlPlanes.start(instances);
    all.defer(() => world.stop());
    await world.instances[0]!.apply(`${meshWithMtls()}\n---\n${allowAll()}`);
    const token = await world.kumactl(['generate', 'dataplane-token', '--mesh', 'default', '--valid-for', '24h']);
    const mesh = Mesh.behind(world, world.instances[0]!);
    all.defer(() => mesh.stop());
    const run = new ChaosRun(options, { world, mesh, token: token.trim(), all: all.move() });
    try {
      await run.#joinReal();
      await run.#joinSimulated();
    } catch (error) {
      await run[Symbol.asyncDispose]();
      throw error;
    }
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }

  async run(): Promise<ChaosReport> {
    const callers = new SteadyCallers(this.#ports!);
    this.#startWriters();
    for (const disturbance of this.#options.disturbances) await this.#disturb(disturbance);
    await Promise.all(this.#writers.map((writer) => writer.stop()));
    this.#log('all disturbances are over');
    const lostWrites = await this.#contradictions();
    const wrongConfigurations = [...(await this.#wrongOfSimulated()), ...(await this.#wrongOfReal(callers))];
    return {
      lostWrites,
      contradictions: this.#writers.flatMap(({ wrong }) => wrong),
      wrongConfigurations,
      failedRequests: callers.failures,
      repeats: this.#fleets[forms.indexOf('delta')]!.sidecars.reduce((sum, { repeats }) => sum + repeats, 0),
      writes: this.#writers.flatMap(({ acknowledged }) => acknowledged),
      requests: callers.answers,
      absences: this.#absences,
      recoveries: this.#recoveries,
      refusals: sum(this.#writers.map(({ refused }) => refused)),
    };
  }

  get #simulated(): readonly SimulatedSidecar[] {
    return this.#fleets.flatMap(({ sidecars }) => sidecars);
  }

  /** Web calls two versions of a backend, half by half, and a TCP service beside them. */
  async #joinReal(): Promise<void> {
    const mesh = this.#mesh;
    for (const version of ['v1', 'v2']) {
      const service = await startHttpService(version);
      const tcp = await startTcpService(version);
      this.#parts.defer(() => service.close());
      this.#parts.defer(() => tcp.close());
      const { sidecar } = await mesh.join({
        name: `backend-${version}`,
        inbound: [
          { service: 'backend', servicePort: service.port, tags: { version } },
          { service: 'backend-tcp', servicePort: tcp.port, protocol: 'tcp', tags: { version } },
        ],
      });
      this.#real.push(sidecar);
    }
    const { sidecar, outbound } = await mesh.join({ name: 'web', calls: ['backend', 'backend-tcp'] });
    this.#real.push(sidecar);
    this.#ports = { http: outbound('backend'), tcp: outbound('backend-tcp') };
    const subset = (version: string) => ({ kind: 'MeshServiceSubset', name: 'backend', tags: { version }, weight: 50 });
    const rule = {
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      default: { backendRefs: [subset('v1'), subset('v2')] },
    };
    await this.#world.instances[0]!.apply(
      JSON.stringify({
        type: 'MeshHTTPRoute',
        mesh: 'default',
        name: 'route',
        spec: {
          targetRef: { kind: 'MeshService', name: 'web' },
          to: [{ targetRef: { kind: 'MeshService', name: 'backend' }, rules: [rule] }],
        },
      }),
    );
    const seen = new Set<string>();
    await eventually('answers of both versions', async () => {
      seen.add((await ask(this.#ports!.http)).body);
      if (!seen.has('v1') || !seen.has('v2')) throw new Error(`only ${[...seen]} answered`);
    });
  }

  async #joinSimulated(): Promise<void> {
    const onBack = (_sidecar: SimulatedSidecar, absentFor: number) => void this.#absences.push(absentFor);
    this.#fleets.push(...(await this.#startFleets(this.#world, { onBack })));
    this.#parts.defer(() => {
      for (const fleet of this.#fleets) fleet.stop();
    });
    await this.#allServed();
  }

  #startFleets(
    entrance: Pick<ControlPlane, 'dataPlaneUrl' | 'caFile'>,
    { onBack }: Pick<FleetOptions, 'onBack'> = {},
  ): Promise<Fleet[]> {
    const { sidecars, services, outbounds } = this.#options;
    const half = Math.ceil(sidecars / 2);
    const fleetOf = (form: (typeof forms)[number], index: number) =>
      Fleet.start({
        controlPlane: new URL(entrance.dataPlaneUrl),
        ca: readFileSync(entrance.caFile, 'utf8'),
        mesh: 'default',
        first: index * half,
        count: half,
        services: Math.min(services, sidecars),
        outbounds,
        form,
        tokenOf: () => this.#token,
        comesBack: true,
        ...(onBack && { onBack }),
      });
    return Promise.all(forms.map(fleetOf));
  }

  #startWriters(): void {
    const targets = (count: number, of: (index: number) => ReturnType<typeof timeoutOf>) =>
      Array.from({ length: count }, (_, index) => of(index));
    const api = this.#world.apiUrl;
    this.#writers.push(
      new RecordingWriter(
        api,
        targets(5, (index) => timeoutOf(`of-callers-${index}`, `service-${index}`)),
      ),
      new RecordingWriter(
        api,
        targets(5, (index) => instanceOf(`service-${index}`, `extra-${index}`, `127.200.0.${1 + index}`)),
      ),
      new RecordingWriter(api, [...targets(3, (index) => timeoutOf(`of-backend-${index}`, 'backend')), timeoutOf('all-callers')]),
    );
    this.#parts.defer(async () => void (await Promise.all(this.#writers.map((writer) => writer.stop()))));
  }

  async #disturb({ name, happen }: Disturbance): Promise<void> {
    const next = setTimeout(this.#options.every);
    this.#log(name);
    await happen(this.#world);
    const began = performance.now();
    await this.#allWell();
    const took = performance.now() - began;
    this.#recoveries.push({ from: name, took });
    this.#log(`  all well again after ${Math.round(took)} ms`);
    await next;
  }

  /** Every writer has been told of success since the call, and every sidecar is served. */
  async #allWell(): Promise<void> {
    const before = this.#writers.map(({ acknowledged }) => acknowledged.length);
    await eventually(
      'writes being taken',
      () => {
        const waiting = this.#writers.filter(({ acknowledged }, index) => acknowledged.length <= before[index]!);
        if (waiting.length > 0) throw new Error(`${waiting.length} writers wait`);
      },
      patience,
    );
    await this.#allServed();
  }

  async #allServed(): Promise<void> {
    await eventually(
      'all sidecars being served',
      () => {
        const absent = this.#simulated.filter(({ connected }) => !connected);
        if (absent.length > 0) {
          const some = absent.slice(0, 5).map(({ name, situation }) => `${name} ${situation}`);
          throw new Error(`${absent.length} are not: ${some.join('; ')}`);
        }
      },
      patience,
    );
  }

  async #contradictions(): Promise<readonly string[]> {
    const looks = this.#world.instances.flatMap(({ apiUrl }) => this.#writers.map((writer) => writer.contradictions(apiUrl)));
    return (await Promise.all(looks)).flat();
  }

  /** What their control planes gave them in all the turmoil, beside what a fresh one gives to fresh streams. */
  async #wrongOfSimulated(): Promise<readonly string[]> {
    await using fresh = await this.#freshWorld();
    const wrong = async () => {
      const expected = new Map(fresh.sidecars().map((sidecar) => [sidecar.name, heldBySimulated(sidecar)]));
      return this.#simulated.flatMap((sidecar) =>
        differences(sidecar.name, heldBySimulated(sidecar), expected.get(sidecar.name)),
      );
    };
    let last: readonly string[] = [];
    await eventually(
      'the right configuration everywhere',
      async () => {
        last = await wrong();
        if (last.length > 0) throw new Error(`${last.length} differences`);
      },
      patience / 3,
      200,
    ).catch(() => {});
    return last;
  }

  /** A control plane that knows nothing but what the others have stored, and the same sidecars once more. */
  async #freshWorld(): Promise<AsyncDisposable & { sidecars(): readonly SimulatedSidecar[] }> {
    await using all = new AsyncDisposableStack();
    const controlPlane = await ControlPlane.start({ env: await copyOfStore(this.#world) });
    all.defer(async () => void (await controlPlane.process.stop()));
    const fleets = await this.#startFleets(controlPlane);
    all.defer(() => {
      for (const fleet of fleets) fleet.stop();
    });
    const parts = all.move();
    return {
      sidecars: () => fleets.flatMap(({ sidecars }) => sidecars),
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  }

  /** What real Envoys ended up with, beside what they have after a new start. */
  async #wrongOfReal(callers: SteadyCallers): Promise<readonly string[]> {
    const wrong: string[] = [];
    const held: HeldConfiguration[] = [];
    for (const [index, { name }] of this.#real.entries()) {
      const seen = await Promise.all(this.#world.instances.map((instance) => heldByEnvoy(instance, name)));
      held[index] = seen[0]!;
      for (const each of seen) wrong.push(...differences(`${name} by way of another control plane`, each, seen[0]));
    }
    await callers.stop();
    for (const [index, sidecar] of this.#real.entries()) {
      const again = await this.#mesh.restart(sidecar);
      const fresh = await heldByEnvoy(this.#world.instances[index]!, again.name);
      wrong.push(...differences(again.name, held[index]!, fresh));
    }
    return wrong;
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}

function differences(name: string, held: HeldConfiguration, expected: HeldConfiguration | undefined): readonly string[] {
  if (expected === undefined) return [`${name}: nothing to compare with`];
  const keys = new Set([...Object.keys(held), ...Object.keys(expected)]);
  return [...keys]
    .filter((key) => held[key] !== expected[key])
    .map((key) => `${name}: ${key} is ${held[key] ?? 'absent'}, and should be ${expected[key] ?? 'absent'}`);
}

function sum(counts: readonly ReadonlyMap<number | 'cut', number>[]): ReadonlyMap<number | 'cut', number> {
  const total = new Map<number | 'cut', number>();
  for (const each of counts) for (const [key, count] of each) total.set(key, (total.get(key) ?? 0) + count);
  return total;
}
