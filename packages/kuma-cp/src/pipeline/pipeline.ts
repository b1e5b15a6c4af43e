import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ProxyIr, SecretIr } from '@kuma-mesh/core-model/ir/index.ts';
import { buildProxy, refreshEndpoints } from '@kuma-mesh/core-model/proxy/index.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { type MeshSnapshot, tlsReadinessKind } from '@kuma-mesh/core-model/snapshot/index.ts';
import { type EncodedResource, encodeProxy, withRenewals, withSecrets } from '@kuma-mesh/xds-encode/index.ts';
import type { Logger } from 'pino';
import type { FeedConsumer } from '../feed/follow-store.ts';
import type { Change } from '../store/store.ts';
import { Deadlines } from '../timing/deadlines.ts';
import { ConnectedProxy, type Work } from './connected-proxy.ts';
import { encodedSecret } from './encoded-secrets.ts';
import type { SecretSource } from './material.ts';
import { MeshState } from './mesh-state.ts';
import { PermissionsTakenBack, type SeenToAfter } from './permissions-taken-back.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';
import type { StatedInput } from './proxy-input.ts';
import { type ProxyKey, parseProxyKey, proxyKeyString } from './proxy-key.ts';
import { WorkRounds } from './work-rounds.ts';

export interface PipelineOptions {
  readonly secrets: SecretSource;
  readonly metrics: PipelineMetrics;
  readonly log: Logger;
  readonly takenBackSeenToAfter?: SeenToAfter;
}

/** By how much of a configuration is made. */
const workInOrder = ['rebuild', 'endpoints', 'secrets', 'publish'] as const satisfies readonly Work[];

/** Between two tries to make a configuration. Milliseconds, doubled with each failure in a row. */
const firstRetry = 1000;
const longestRetry = 30_000;

/**
 * From what changed to what proxies get.
 *
 *   feed ──► MeshState ──touched proxies──► WorkRounds ──► IR ──► encoded + secrets ──► published if it differs
 *                      secrets replaced, signed ──▲   ╰──permission taken back──► some seconds later: listener renewed
 */
export class Pipeline implements FeedConsumer {
  readonly #options: PipelineOptions;
  readonly #meshes = new Map<string, MeshState>();
  readonly #rounds = new WorkRounds<ConnectedProxy>((proxy) => this.#configure(proxy));
  readonly #takenBack: PermissionsTakenBack;
  readonly #retries = new Deadlines<string>((key) => this.#retry(key));

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#takenBack = new PermissionsTakenBack((key, routes) => this.#renewListeners(key, routes), options.takenBackSeenToAfter);
    options.secrets.onReplaced((key) => {
      const proxy = this.#meshes.get(key.mesh)?.proxies.get(key.name);
      if (proxy !== undefined) this.#want(proxy, 'secrets');
    });
  }

  load(resources: readonly Resource[]): void {
    this.#apply(resources.map((after) => ({ after })));
  }

  apply(changes: readonly Change[]): void {
    this.#apply(changes);
  }

  /** The mesh as it is now; undefined when there is none. */
  snapshot(mesh: string): MeshSnapshot | undefined {
    const snapshot = this.#meshes.get(mesh)?.snapshot;
    return snapshot?.resource && snapshot;
  }

  changesFirst(): Promise<void> {
    return this.#rounds.nextSlice();
  }

  connected(key: ProxyKey): ConnectedProxy | undefined {
    return this.#meshes.get(key.mesh)?.proxies.get(key.name);
  }

  /** Begins to configure a proxy; it takes the place of an earlier one of its name. */
  connect(key: ProxyKey, input: StatedInput): ConnectedProxy {
    const proxy = new ConnectedProxy(key, input);
    const mesh = this.#mesh(key.mesh);
    const before = mesh.proxies.get(key.name);
    if (before !== undefined) this.disconnect(before);
    mesh.proxies.set(key.name, proxy);
    this.#options.metrics.connected();
    this.#want(proxy, 'rebuild');
    return proxy;
  }

  disconnect(proxy: ConnectedProxy): void {
    const mesh = this.#meshes.get(proxy.key.mesh);
    if (mesh?.proxies.get(proxy.key.name) !== proxy) return;
    mesh.proxies.delete(proxy.key.name);
    this.#rounds.delete(proxy);
    this.#retries.delete(proxyKeyString(proxy.key));
    if (mesh.unused) this.#meshes.delete(proxy.key.mesh);
    this.#options.metrics.disconnected();
    this.#options.secrets.away(proxy.key);
  }

  /** A proxy had other routes of these names when it came; if a permission was among them, it may have let in more. */
  replacesUnknownRoutes({ key, ir }: ConnectedProxy, names: readonly string[]): void {
    const permissions = (ir?.routes ?? []).filter(({ name, permission }) => permission && names.includes(name));
    for (const { name } of permissions) this.#takenBack.add(proxyKeyString(key), name);
  }

  /** What a proxy should do as things are now, with the policies that want it so; undefined when it is gone. */
  explained({ key, input }: ConnectedProxy): ProxyIr | undefined {
    const mesh = this.#meshes.get(key.mesh);
    const dataplane = mesh?.snapshot.dataplanes.get(key.name);
    return mesh && dataplane && buildProxy(mesh.snapshot, { ...input, dataplane, origins: true }, mesh.memo);
  }

  close(): void {
    this.#rounds.clear();
    this.#retries.clear();
    this.#takenBack.clear();
  }

  #apply(changes: readonly Pick<Change, 'before' | 'after'>[]): void {
    // The rest of what control planes tell each other by way of the store is nothing to a mesh.
    const known = changes.filter(({ before, after }) => shapesProxies((after ?? before)!.type));
    const byMesh = Map.groupBy(known, ({ before, after }) => meshOf((after ?? before)!));
    for (const [name, ofMesh] of byMesh) {
      if (name === '') continue;
      const mesh = this.#mesh(name);
      mesh.apply(ofMesh, (proxy, work) => this.#want(proxy, work));
      if (mesh.unused) this.#meshes.delete(name);
    }
  }

  #mesh(name: string): MeshState {
    const known = this.#meshes.get(name);
    if (known !== undefined) return known;
    const mesh = new MeshState(name);
    this.#meshes.set(name, mesh);
    return mesh;
  }

  #want(proxy: ConnectedProxy, work: Work): void {
    proxy.work.add(work);
    // Who has no configuration yet can do nothing; the others can go on with the one they have.
    this.#rounds.add(proxy, proxy.config === undefined);
  }

  #configure(proxy: ConnectedProxy): void {
    const { metrics } = this.#options;
    const mesh = this.#mesh(proxy.key.mesh);
    const dataplane = mesh.snapshot.dataplanes.get(proxy.key.name);
    // Deleted under a living proxy: it keeps what it has, so that it can end what it has begun.
    if (dataplane === undefined || mesh.snapshot.resource === undefined) return;
    const started = performance.now();
    const work = workInOrder.find((each) => proxy.work.has(each))!;
    const stale = proxy.work.has('secrets');
    proxy.work.clear();
    try {
      const before = proxy.ir;
      const ir = this.#build(proxy, work, mesh, dataplane);
      proxy.ir = ir;
      this.#takenBack.notice(proxyKeyString(proxy.key), before, ir);
      const complete = this.#publishWithKnownSecrets(proxy, ir);
      if (!complete || stale || !sameItems(before?.secrets ?? [], ir.secrets)) void this.#renewSecrets(proxy, ir.secrets);
      else this.#succeeded(proxy);
    } catch (error) {
      this.#failed(proxy, work, error);
    }
    if (work !== 'publish') metrics.made(work, (performance.now() - started) / 1000);
  }

  #build(proxy: ConnectedProxy, work: Work, { snapshot, memo }: MeshState, dataplane: Resource<Dataplane>): ProxyIr {
    if (work === 'rebuild' || proxy.ir === undefined) return buildProxy(snapshot, { ...proxy.input, dataplane }, memo);
    return work === 'endpoints' ? refreshEndpoints(snapshot, proxy.ir, memo) : proxy.ir;
  }

  /**
   * What does not need new secrets does not wait for them to be signed.
   * @returns whether the proxy has all that it needs
   */
  #publishWithKnownSecrets(proxy: ConnectedProxy, ir: ProxyIr): boolean {
    const known: EncodedResource[] = [];
    for (const { name } of ir.secrets) {
      const secret = proxy.secrets?.get(name);
      if (secret === undefined) return false;
      known.push(secret);
    }
    const config = withRenewals(withSecrets(encodeProxy(ir), known), proxy.renewals);
    if (proxy.publish(config)) this.#options.metrics.published();
    return true;
  }

  async #renewSecrets(proxy: ConnectedProxy, secrets: readonly SecretIr[]): Promise<void> {
    const asked = ++proxy.secretsAsked;
    try {
      const materials = await Promise.all(secrets.map((secret) => this.#options.secrets.material(proxy.key, secret)));
      if (asked !== proxy.secretsAsked || this.connected(proxy.key) !== proxy || proxy.ir === undefined) return;
      const encoded = materials.map((material, i) => encodedSecret(secrets[i]!.name, material));
      proxy.secrets = new Map(encoded.map((secret) => [secret.name, secret]));
      // Those of many proxies come at the same time, and what is left to do takes longer than all before.
      this.#want(proxy, 'publish');
    } catch (error) {
      if (asked === proxy.secretsAsked && this.connected(proxy.key) === proxy) this.#failed(proxy, 'secrets', error);
    }
  }

  #renewListeners(key: string, routes: ReadonlySet<string>): void {
    const proxy = this.connected(parseProxyKey(key));
    if (proxy?.ir === undefined) return;
    const now = new Date().toISOString();
    for (const listener of proxy.ir.listeners) {
      if (listener.kind !== 'inbound' || listener.handler.kind !== 'http' || !routes.has(listener.handler.routeConfig)) continue;
      proxy.renewals.set(listener.name, now);
    }
    // By the one way on which what fails fails for this proxy alone.
    this.#want(proxy, 'publish');
  }

  #succeeded(proxy: ConnectedProxy): void {
    if (proxy.failures === 0) return;
    proxy.failures = 0;
    this.#retries.delete(proxyKeyString(proxy.key));
  }

  /** The proxy keeps the configuration that it has. */
  #failed(proxy: ConnectedProxy, work: Work, err: unknown): void {
    const { log, metrics } = this.#options;
    metrics.failed();
    const { mesh, name } = proxy.key;
    log.error({ err, mesh, proxy: name }, 'the configuration of a proxy could not be made; it keeps the one it has');
    proxy.work.add(work);
    const delay = Math.min(firstRetry * 2 ** proxy.failures++, longestRetry);
    this.#retries.set(proxyKeyString(proxy.key), Date.now() + delay);
  }

  #retry(key: string): void {
    const proxy = this.connected(parseProxyKey(key));
    if (proxy !== undefined) this.#want(proxy, 'secrets');
  }
}

function shapesProxies(type: string): boolean {
  return kindByName(type) !== undefined || type === tlsReadinessKind;
}

function meshOf({ type, mesh, name }: Resource): string {
  return type === 'Mesh' ? name : mesh;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}
