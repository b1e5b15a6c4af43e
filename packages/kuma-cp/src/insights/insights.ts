import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { DataplaneInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import type { Mesh } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { mutualTls } from '@kuma-mesh/core-model/snapshot/index.ts';
import type { Logger } from 'pino';
import type { Cluster } from '../cluster/cluster.ts';
import type { FeedConsumer } from '../feed/follow-store.ts';
import { type ProxyKey, proxyKeyString } from '../pipeline/proxy-key.ts';
import type { Change, Insight, InsightStore, ResourceStore } from '../store/store.ts';
import { isStoreError } from '../store/store-error.ts';
import type { ProxyNode } from '../stream/session.ts';
import { proxyFacts } from './dataplane-facts.ts';
import { disconnected } from './dataplane-insight.ts';
import { InsightWriter, type Urgency } from './insight-writer.ts';
import { LastLists } from './last-lists.ts';
import { MeshTally } from './mesh-tally.ts';
import { NewsReader } from './news-reader.ts';
import { Observation, type ObservedChange } from './observation.ts';
import { type SeenServices, TlsReadinessWriter } from './tls-readiness-writer.ts';

export interface InsightsOptions {
  readonly store: InsightStore;
  /** Where who takes mutual TLS is written down. */
  readonly resources: Pick<ResourceStore, 'get' | 'write'>;
  readonly cluster: Cluster;
  readonly log: Logger;
  /** Milliseconds for which what was seen may wait to be written. */
  readonly flushInterval?: number;
}

/** Milliseconds after which what could not be read is tried again. */
const betweenTries = 1000;

const urgencyOf: Readonly<Record<ObservedChange, Urgency>> = { counts: 'usual', state: 'news', trouble: 'urgent' };

/**
 * What is seen of proxies, services and meshes.
 *
 *   streams ──► Observation (one a stream) ──► DataplaneInsight ─┐
 *                        │ facts                                 ├─► InsightWriter, batched, apart from the feed
 *   feed ────────────────┴──► MeshTally (one a mesh) ──► MeshInsight, ServiceInsight ─┘
 *                             ╰────────► TlsReadinessWriter ──► the store's feed, for clients of PERMISSIVE meshes
 *
 * Where several control planes are, each writes what it sees of the proxies that it serves, and the leader, who hears of that,
 * the totals.
 */
export class Insights implements FeedConsumer, Pick<InsightStore, 'get' | 'list'> {
  readonly #options: InsightsOptions;
  readonly #writer: InsightWriter;
  readonly #tlsReadiness: TlsReadinessWriter;
  readonly #meshes = new Map<string, MeshState>();
  /** By proxy: the stream that is open, or was last and is not written yet. */
  readonly #observations = new Map<string, Observation>();
  /** By proxy: what is written of those that have no stream here, less what no total counts. */
  readonly #elsewhere = new Map<string, DataplaneInsight>();
  readonly #news: NewsReader | undefined;
  readonly #fallback = new LastLists();
  readonly #unfollow: () => void;
  #led: boolean;
  #takingOver: NodeJS.Timeout | undefined;

  constructor(options: InsightsOptions) {
    this.#options = options;
    this.#writer = new InsightWriter({ ...options, collect: (key) => this.#collect(key), written: (key) => this.#written(key) });
    const { resources: store, cluster, log } = options;
    this.#tlsReadiness = new TlsReadinessWriter({ store, cluster, log, see: (mesh) => this.#seenServices(mesh) });
    this.#led = options.cluster.leading;
    this.#unfollow = options.cluster.onChange(() => this.#clusterChanged());
    this.#news = NewsReader.of(options.store, {
      wanted: (key) => key.type === 'DataplaneInsight' && this.#isWanted(key),
      read: (rows) => this.#takeRows(rows as readonly Insight<DataplaneInsight>[]),
      log: options.log,
    });
  }

  /** Takes in what an earlier control plane wrote; streams that it left open are closed, if nobody else can be serving them. */
  async load(resources: readonly Resource[]): Promise<void> {
    const { store, cluster } = this.#options;
    const rows = (await store.list({ type: 'DataplaneInsight' })) as readonly Insight<DataplaneInsight>[];
    for (const type of ['MeshInsight', 'ServiceInsight']) for (const row of await store.list({ type })) this.#writer.known(row);
    const now = new Date().toISOString();
    const dataplanes = new Set(resources.filter(({ type }) => type === 'Dataplane').map(proxyKeyString));
    const closed: Insight[] = [];
    for (const row of rows) {
      const key = proxyKeyString(row);
      if (!dataplanes.has(key)) {
        if (cluster.leading) this.#writer.remove(proxyInsightKey(row));
        continue;
      }
      this.#writer.known(row);
      const spec = cluster.shared ? row.spec : disconnected(row.spec, now);
      if (spec !== row.spec) closed.push({ ...row, modificationTime: now, spec });
      this.#elsewhere.set(key, withoutDetail(spec));
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
    const before = this.#observations.get(key)?.insight ?? (await this.#writtenOf({ mesh, name }));
    const observation = new Observation(node, before, this.#options.cluster.self, (what) => {
      // An earlier stream that is found dead may end after the one that took its place began.
      if (this.#observations.get(key) === observation) this.#seen(node, what);
    });
    this.#observations.set(key, observation);
    this.#seen(node, 'state');
    return observation;
  }

  /** Resources that proxies refuse now, or that cannot be encoded for them. */
  get rejections(): number {
    let total = 0;
    for (const observation of this.#observations.values()) total += observation.rejections;
    return total;
  }

  /** Names of the mtls backends that a mesh knows. */
  backendsOf(mesh: string): readonly string[] {
    return this.#meshes.get(mesh)?.backends ?? [];
  }

  /** Another control plane has taken the proxy over: it writes what is seen of it. */
  moved(proxy: ProxyKey): void {
    const key = proxyKeyString(proxy);
    const observation = this.#observations.get(key);
    if (observation === undefined) return;
    this.#observations.delete(key);
    this.#elsewhere.set(key, withoutDetail(observation.insight));
    this.#writer.leave(proxyInsightKey(proxy));
  }

  /** Nobody serves the proxy any more: a stream that its control plane left open, being gone itself, is closed. */
  async gone(proxy: ProxyKey): Promise<void> {
    const { cluster, store, log } = this.#options;
    if (!cluster.shared || this.#observations.has(proxyKeyString(proxy))) return;
    const key = proxyInsightKey(proxy);
    try {
      const row = (await store.get(key)) as Insight<DataplaneInsight> | undefined;
      if (row === undefined || !this.#meshes.get(proxy.mesh)?.dataplanes.has(proxy.name)) return;
      const now = new Date().toISOString();
      const closed = { ...row, modificationTime: now, spec: disconnected(row.spec, now) };
      if (closed.spec === row.spec) return;
      await store.putMany([closed], [key]);
      this.#takeRows([closed]);
    } catch (err) {
      log.warn(
        { err, mesh: proxy.mesh, proxy: proxy.name },
        'the last stream of a proxy could not be closed in what is seen of it',
      );
    }
  }

  /** As the store's, with all that was seen until now; without the store, what was last read and is seen here. */
  async get(key: ResourceKey): Promise<Insight | undefined> {
    await this.flush();
    try {
      return await this.#options.store.get(key);
    } catch (error) {
      if (!isStoreError(error, 'unavailable')) throw error;
      return this.#fallback.get(key, (seen) => this.#seenNow(seen));
    }
  }

  /** As the store's, with all that was seen until now; without the store, what was last read and is seen here. */
  async list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Insight[]> {
    await this.flush();
    try {
      const rows = await this.#options.store.list(query);
      if (this.#options.cluster.shared) this.#fallback.keep(query, rows);
      return rows;
    } catch (error) {
      if (!isStoreError(error, 'unavailable')) throw error;
      const keys = this.#keysOf(query);
      return this.#fallback.list(query, keys, (key) => this.#seenNow(key));
    }
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** Writes what waits, and no more after it. */
  async close(): Promise<void> {
    this.#unfollow();
    this.#news?.close();
    clearTimeout(this.#takingOver);
    this.#tlsReadiness.close();
    await this.#writer.close();
  }

  #clusterChanged(): void {
    const { leading } = this.#options.cluster;
    if (leading && !this.#led) void this.#takeOver();
    this.#led = leading;
  }

  /** The totals are this one's to write now: they count what the others wrote of their proxies. */
  async #takeOver(): Promise<void> {
    const { store, cluster, log } = this.#options;
    if (!cluster.leading) return;
    try {
      const rows = (await store.list({ type: 'DataplaneInsight' })) as readonly Insight<DataplaneInsight>[];
      this.#takeRows(rows);
      for (const { mesh, name } of rows) {
        if (!this.#meshes.get(mesh)?.dataplanes.has(name)) this.#writer.remove(proxyInsightKey({ mesh, name }));
      }
      for (const [name, mesh] of this.#meshes) if (mesh.exists) this.#meshChanged(name);
    } catch (err) {
      log.warn({ err }, 'what other control planes see of proxies could not be read; it is tried again');
      this.#takingOver = setTimeout(() => void this.#takeOver(), betweenTries).unref();
    }
  }

  /** The leader counts all proxies; whoever serves one hears when somebody else writes about it. */
  #isWanted(proxy: ProxyKey): boolean {
    return this.#options.cluster.leading || (this.#observations.get(proxyKeyString(proxy))?.open ?? false);
  }

  #takeRows(rows: readonly Insight<DataplaneInsight>[]): void {
    for (const row of rows) {
      const key = proxyKeyString(row);
      const mesh = this.#meshes.get(row.mesh);
      if (this.#observations.get(key)?.open) {
        // Somebody wrote what they had seen before the proxy came here.
        if (row.spec.subscriptions?.at(-1)?.controlPlaneInstanceId !== this.#options.cluster.self)
          this.#writer.dirty(proxyInsightKey(row), 'news');
      } else if (mesh?.dataplanes.has(row.name)) {
        this.#elsewhere.set(key, withoutDetail(row.spec));
        this.#tally(mesh, row);
      }
    }
  }

  /** What is written of the proxy; not known while the store is away. */
  async #writtenOf(proxy: ProxyKey): Promise<DataplaneInsight | undefined> {
    try {
      return (await this.#options.store.get(proxyInsightKey(proxy)))?.spec as DataplaneInsight | undefined;
    } catch (error) {
      if (!isStoreError(error, 'unavailable')) throw error;
      return this.#elsewhere.get(proxyKeyString(proxy));
    }
  }

  #keysOf({ type, mesh }: { readonly type: string; readonly mesh?: string }): readonly ResourceKey[] {
    const meshes = [...this.#meshes].filter(([name, { exists }]) => exists && (mesh === undefined || name === mesh));
    return meshes.flatMap(([name, { dataplanes }]) => {
      if (type === 'DataplaneInsight') return [...dataplanes.keys()].map((proxy) => proxyInsightKey({ mesh: name, name: proxy }));
      if (type === 'MeshInsight') return mesh === undefined ? [meshKey(name)] : [];
      return type === 'ServiceInsight' ? [serviceKey(name)] : [];
    });
  }

  /** What this control plane can say without the store. */
  #seenNow(key: ResourceKey): unknown {
    if (key.type !== 'DataplaneInsight') return this.#collect(key);
    return this.#observations.get(proxyKeyString(key))?.insight;
  }

  #take(changes: readonly Pick<Change, 'key' | 'before' | 'after'>[]): void {
    for (const { key, before, after } of changes) {
      this.#tlsReadiness.follow({ key, after });
      if (key.type === 'Mesh') this.#takeMesh(key.name, after as Resource<Mesh> | undefined);
      if (key.mesh === '') continue;
      const mesh = this.#mesh(key.mesh);
      if (before === undefined || after === undefined) {
        if (kindByName(key.type) === undefined) continue;
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
      mesh.tls = mutualTls(resource);
      mesh.backends = (resource.spec.mtls?.backends ?? []).map((backend) => backend.name ?? '');
      this.#meshChanged(name);
      return;
    }
    this.#meshes.delete(name);
    if (!this.#options.cluster.leading) return;
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
    this.#elsewhere.delete(proxyKeyString(key));
    this.#meshChanged(key.mesh);
    if (this.#options.cluster.leading) this.#writer.remove(proxyInsightKey(key));
    else this.#writer.leave(proxyInsightKey(key));
  }

  #mesh(name: string): MeshState {
    const known = this.#meshes.get(name);
    if (known !== undefined) return known;
    const mesh: MeshState = { tally: new MeshTally(), dataplanes: new Map(), backends: [], tls: 'off', exists: false };
    this.#meshes.set(name, mesh);
    return mesh;
  }

  #meshChanged(name: string): void {
    if (!this.#options.cluster.leading) return;
    this.#writer.dirty(meshKey(name));
    this.#writer.dirty(serviceKey(name));
    this.#tlsReadiness.look(name);
  }

  #seenServices(name: string): SeenServices | undefined {
    const mesh = this.#meshes.get(name);
    return mesh?.exists ? { tls: mesh.tls, services: (which) => mesh.tally.services(which) } : undefined;
  }

  #seen(proxy: ProxyKey, what: ObservedChange): void {
    this.#writer.dirty(proxyInsightKey(proxy), urgencyOf[what]);
    if (what !== 'counts') this.#tally(this.#mesh(proxy.mesh), proxy);
  }

  #tally(mesh: MeshState, proxy: ProxyKey): void {
    const dataplane = mesh.dataplanes.get(proxy.name);
    if (dataplane === undefined) return;
    const key = proxyKeyString(proxy);
    const insight = this.#observations.get(key)?.insight ?? this.#elsewhere.get(key);
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
    if (this.#meshes.get(key.mesh)?.dataplanes.has(key.name)) this.#elsewhere.set(proxy, withoutDetail(observation.insight));
  }
}

interface MeshState {
  readonly tally: MeshTally;
  readonly dataplanes: Map<string, Resource<Dataplane>>;
  backends: readonly string[];
  tls: SeenServices['tls'];
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
