import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { DataplaneInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import type { Mesh } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Logger } from 'pino';
import type { FeedConsumer } from '../feed/follow-store.ts';
import { type ProxyKey, proxyKeyString } from '../pipeline/proxy-key.ts';
import type { Change, Insight, InsightStore } from '../store/store.ts';
import type { ProxyNode } from '../stream/session.ts';
import { proxyFacts } from './dataplane-facts.ts';
import { disconnected } from './dataplane-insight.ts';
import { InsightWriter } from './insight-writer.ts';
import { MeshTally } from './mesh-tally.ts';
import { Observation, type ObservedChange } from './observation.ts';

export interface InsightsOptions {
  readonly store: InsightStore;
  /** Names this control plane in the subscriptions that it serves. */
  readonly instanceId: string;
  readonly log: Logger;
  /** Milliseconds for which what was seen may wait to be written. */
  readonly flushInterval?: number;
}

/**
 * What is seen of proxies, services and meshes.
 *
 *   streams ──► Observation (one a stream) ──► DataplaneInsight ─┐
 *                        │ facts                                 ├─► InsightWriter, batched, apart from the feed
 *   feed ────────────────┴──► MeshTally (one a mesh) ──► MeshInsight, ServiceInsight ─┘
 */
export class Insights implements FeedConsumer, Pick<InsightStore, 'get' | 'list'> {
  readonly #options: InsightsOptions;
  readonly #writer: InsightWriter;
  readonly #meshes = new Map<string, MeshState>();
  /** By proxy: the stream that is open, or was last and is not written yet. */
  readonly #observations = new Map<string, Observation>();
  /** By proxy: what is written of those that have no stream, less what no total counts. */
  readonly #offline = new Map<string, DataplaneInsight>();

  constructor(options: InsightsOptions) {
    this.#options = options;
    this.#writer = new InsightWriter({ ...options, collect: (key) => this.#collect(key), written: (key) => this.#written(key) });
  }

  /** Takes in what an earlier control plane wrote; streams that it left open are closed: nobody serves them. */
  async load(resources: readonly Resource[]): Promise<void> {
    const { store } = this.#options;
    const rows = (await store.list({ type: 'DataplaneInsight' })) as readonly Insight<DataplaneInsight>[];
    for (const type of ['MeshInsight', 'ServiceInsight']) for (const row of await store.list({ type })) this.#writer.known(row);
    const now = new Date().toISOString();
    const dataplanes = new Set(resources.filter(({ type }) => type === 'Dataplane').map(proxyKeyString));
    const closed: Insight[] = [];
    for (const row of rows) {
      const key = proxyKeyString(row);
      if (!dataplanes.has(key)) {
        this.#writer.remove({ type: row.type, mesh: row.mesh, name: row.name });
        continue;
      }
      this.#writer.known(row);
      const spec = disconnected(row.spec, now);
      if (spec !== row.spec) closed.push({ ...row, modificationTime: now, spec });
      this.#offline.set(key, withoutDetail(spec));
    }
    await store.putMany(closed);
    this.#take(resources.map((after) => ({ key: after, after })));
  }

  apply(changes: readonly Change[]): void {
    this.#take(changes);
  }

  /** Begins to watch a stream. */
  async connected(node: ProxyNode): Promise<Observation> {
    const key = proxyKeyString(node);
    const { mesh, name } = node;
    const before =
      this.#observations.get(key)?.insight ??
      ((await this.#options.store.get({ type: 'DataplaneInsight', mesh, name }))?.spec as DataplaneInsight | undefined);
    const observation = new Observation(node, before, this.#options.instanceId, (what) => {
      // An earlier stream that is found dead may end after the one that took its place began.
      if (this.#observations.get(key) === observation) this.#seen(node, what);
    });
    this.#observations.set(key, observation);
    this.#seen(node, 'state');
    return observation;
  }

  /** Resources that proxies refuse now. */
  get rejections(): number {
    let total = 0;
    for (const observation of this.#observations.values()) total += observation.rejections;
    return total;
  }

  /** Names of the mtls backends that a mesh knows. */
  backendsOf(mesh: string): readonly string[] {
    return this.#meshes.get(mesh)?.backends ?? [];
  }

  /** As the store's, with all that was seen until now. */
  async get(key: ResourceKey): Promise<Insight | undefined> {
    await this.flush();
    return this.#options.store.get(key);
  }

  /** As the store's, with all that was seen until now. */
  async list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Insight[]> {
    await this.flush();
    return this.#options.store.list(query);
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** Writes what waits, and no more after it. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  #take(changes: readonly Pick<Change, 'key' | 'before' | 'after'>[]): void {
    for (const { key, before, after } of changes) {
      if (key.type === 'Mesh') this.#takeMesh(key.name, after as Resource<Mesh> | undefined);
      if (key.mesh === '') continue;
      const mesh = this.#mesh(key.mesh);
      if (before === undefined || after === undefined) {
        mesh.tally.resource(key.type, after === undefined ? -1 : 1);
        this.#meshChanged(key.mesh);
      }
      if (key.type === 'Dataplane') this.#takeDataplane(mesh, key, after as Resource<Dataplane> | undefined);
    }
  }

  #takeMesh(name: string, resource: Resource<Mesh> | undefined): void {
    if (resource !== undefined) {
      const mesh = this.#mesh(name);
      mesh.exists = true;
      mesh.backends = (resource.spec.mtls?.backends ?? []).map((backend) => backend.name ?? '');
      this.#meshChanged(name);
      return;
    }
    this.#meshes.delete(name);
    this.#writer.remove(meshKey(name));
    this.#writer.remove(serviceKey(name));
  }

  #takeDataplane(mesh: MeshState, key: ResourceKey, dataplane: Resource<Dataplane> | undefined): void {
    if (dataplane !== undefined) {
      mesh.dataplanes.set(key.name, dataplane);
      this.#tally(mesh, key);
      return;
    }
    mesh.dataplanes.delete(key.name);
    mesh.tally.proxy(key.name, undefined);
    this.#offline.delete(proxyKeyString(key));
    this.#meshChanged(key.mesh);
    this.#writer.remove(proxyInsightKey(key));
  }

  #mesh(name: string): MeshState {
    const known = this.#meshes.get(name);
    if (known !== undefined) return known;
    const mesh: MeshState = { tally: new MeshTally(), dataplanes: new Map(), backends: [], exists: false };
    this.#meshes.set(name, mesh);
    return mesh;
  }

  #meshChanged(name: string): void {
    this.#writer.dirty(meshKey(name));
    this.#writer.dirty(serviceKey(name));
  }

  #seen(proxy: ProxyKey, what: ObservedChange): void {
    this.#writer.dirty(proxyInsightKey(proxy));
    if (what === 'state') this.#tally(this.#mesh(proxy.mesh), proxy);
  }

  #tally(mesh: MeshState, proxy: ProxyKey): void {
    const dataplane = mesh.dataplanes.get(proxy.name);
    if (dataplane === undefined) return;
    const key = proxyKeyString(proxy);
    const insight = this.#observations.get(key)?.insight ?? this.#offline.get(key);
    mesh.tally.proxy(proxy.name, proxyFacts(dataplane.spec, insight));
    this.#meshChanged(proxy.mesh);
  }

  /** What a key stands for now; undefined when there is nothing to write. */
  #collect(key: ResourceKey): unknown {
    if (key.type === 'DataplaneInsight') return this.#collectProxy(key);
    const mesh = this.#meshes.get(key.type === 'MeshInsight' ? key.name : key.mesh);
    if (!mesh?.exists) return undefined;
    const now = new Date().toISOString();
    return key.type === 'MeshInsight' ? mesh.tally.meshInsight(now) : mesh.tally.serviceInsight(now);
  }

  #collectProxy(proxy: ProxyKey): DataplaneInsight | undefined {
    const exists = this.#meshes.get(proxy.mesh)?.dataplanes.has(proxy.name);
    return exists ? this.#observations.get(proxyKeyString(proxy))?.collect() : undefined;
  }

  /** Of a proxy whose stream has ended, what is written need not be kept. */
  #written(key: ResourceKey): void {
    const proxy = proxyKeyString(key);
    const observation = this.#observations.get(proxy);
    if (key.type !== 'DataplaneInsight' || observation === undefined || observation.open) return;
    this.#observations.delete(proxy);
    if (this.#meshes.get(key.mesh)?.dataplanes.has(key.name)) this.#offline.set(proxy, withoutDetail(observation.insight));
  }
}

interface MeshState {
  readonly tally: MeshTally;
  readonly dataplanes: Map<string, Resource<Dataplane>>;
  backends: readonly string[];
  exists: boolean;
}

function meshKey(mesh: string): ResourceKey {
  return { type: 'MeshInsight', mesh: '', name: mesh };
}

function serviceKey(mesh: string): ResourceKey {
  return { type: 'ServiceInsight', mesh, name: `all-services-${mesh}` };
}

function proxyInsightKey({ mesh, name }: ProxyKey): ResourceKey {
  return { type: 'DataplaneInsight', mesh, name };
}

function withoutDetail({ subscriptions, mTLS }: DataplaneInsight): DataplaneInsight {
  const last = subscriptions?.at(-1);
  return {
    ...(mTLS && { mTLS }),
    ...(last && { subscriptions: [{ disconnectTime: last.disconnectTime, version: last.version }] }),
  };
}
