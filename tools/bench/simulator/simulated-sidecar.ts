import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { DeltaDiscoveryRequest, DiscoveryRequest, DiscoveryResponse } from '../../../packages/envoy-api/src/discovery.ts';
import { typeUrls } from '../../../packages/xds-encode/src/encoded.ts';
import { type Bootstrapped, type Dataplane, fetchBootstrap } from './bootstrap-request.ts';
import type { ClientTls } from './client-tls.ts';
import { readDeltaResponse } from './delta-response.ts';
import { GrpcStream } from './grpc-stream.ts';
import { type KnownResource, knownResource } from './known-resources.ts';

export interface SidecarOptions {
  readonly controlPlane: URL;
  /** PEM. */
  readonly ca: string;
  readonly tls: ClientTls;
  readonly dataplane: Dataplane;
  readonly token?: string | undefined;
  readonly form: 'delta' | 'sotw';
  /** A response with such a resource is refused; Envoy would name it. */
  readonly refuses?: (typeUrl: string, name: string) => boolean;
  /** `version` is undefined when the resource went away. */
  readonly onSeen: (sidecar: SimulatedSidecar, typeUrl: string, name: string, version: string | undefined) => void;
  readonly onEnd?: (sidecar: SimulatedSidecar, reason: string) => void;
  /** When its stream ends, or it gets none, it comes back as Envoy does, with what it has, until it is stopped. */
  readonly comesBack?: boolean;
  /** It is back, and had its first response so many milliseconds after its stream ended. */
  readonly onBack?: (sidecar: SimulatedSidecar, absentFor: number) => void;
}

/** Bytes that may be under way, as Envoy has it. */
const window = 16 * 1024 * 1024;
/** Between two pings, and until a control plane that does not answer one is left, as the bootstrap has it. Milliseconds. */
const pingInterval = 28_000;
const pingTimeout = 4_000;
/** Until a try to connect is given up: more than Envoy has, for all of them share this process. Milliseconds. */
const connectTimeout = 5_000;
/** Between two tries, as Envoy has it. Milliseconds. */
const firstDelay = 500;
const longestDelay = 30_000;

const service = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

/**
 * Speaks as kuma-dp and Envoy do, and runs neither: bootstrap, one TLS connection, one ADS stream, subscriptions that follow
 * from what it gets (clusters need endpoints and secrets, listeners routes and secrets), listeners after clusters.
 */
export class SimulatedSidecar {
  readonly name: string;
  /** By type URL, then name. */
  readonly resources = new Map<string, Map<string, KnownResource>>();
  /** Clusters, listeners and routes that came though it had them; the state-of-the-world form repeats all by its nature. */
  repeats = 0;
  readonly #options: SidecarOptions;
  readonly #bootstrapped: Bootstrapped;
  #session: ClientHttp2Session | undefined;
  #stream: GrpcStream | undefined;
  readonly #subscribed = new Map<string, Set<string>>();
  readonly #versions = new Map<string, string>();
  readonly #nonces = new Map<string, string>();
  #first = true;
  #tries = 0;
  #retry: NodeJS.Timeout | undefined;
  #absentSince: number | undefined = performance.now();
  #stopped = false;

  private constructor(options: SidecarOptions, bootstrapped: Bootstrapped) {
    this.name = options.dataplane.name;
    this.#options = options;
    this.#bootstrapped = bootstrapped;
  }

  static async start(options: SidecarOptions): Promise<SimulatedSidecar> {
    const bootstrapped = await fetchBootstrap({ ...options, token: options.token, delta: options.form === 'delta' });
    const sidecar = new SimulatedSidecar(options, bootstrapped);
    sidecar.#subscribed.set(typeUrls.cluster, new Set());
    try {
      await sidecar.#connect();
      sidecar.#subscribeAgain();
    } catch (error) {
      if (!options.comesBack) throw error;
      sidecar.#comeBackLater();
    }
    return sidecar;
  }

  /** Whether there is a stream on which something has come. */
  get connected(): boolean {
    return this.#absentSince === undefined;
  }

  /** In words: what it does, or waits for. */
  get situation(): string {
    if (this.connected) return 'is served';
    const since = `for ${Math.round(performance.now() - this.#absentSince!)} ms`;
    if (this.#session === undefined || this.#session.destroyed) return `waits to connect again, not served ${since}`;
    return this.#session.connecting ? `is connecting, not served ${since}` : `has a stream on which nothing came ${since}`;
  }

  /** Breaks the connection off, as a killed Envoy does. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#session?.destroy();
  }

  versionOf(typeUrl: string, name: string): string | undefined {
    return this.resources.get(typeUrl)?.get(name)?.version;
  }

  async #connect(): Promise<void> {
    const { controlPlane, tls, form } = this.#options;
    const session = connect(controlPlane, { ...tls, settings: { initialWindowSize: window } });
    this.#session = session;
    session.on('error', () => {});
    const giveUp = setTimeout(() => session.destroy(), connectTimeout);
    try {
      await Promise.race([once(session, 'connect'), once(session, 'close')]);
    } finally {
      clearTimeout(giveUp);
    }
    // Time may also have run out as it came about.
    if (session.destroyed) throw new Error('no connection to the control plane');
    session.setLocalWindowSize(window);
    keepAlive(session);
    this.#first = true;
    this.#nonces.clear();
    const { token } = this.#bootstrapped;
    this.#stream = new GrpcStream(session, {
      path: `${service}/${form === 'delta' ? 'DeltaAggregatedResources' : 'StreamAggregatedResources'}`,
      headers: token ? { authorization: token } : {},
      onMessage: (message) => this.#receive(message),
      onEnd: (status, message) => {
        session.destroy();
        this.#ended(status === undefined ? 'connection lost' : `status ${status}: ${message}`);
      },
    });
  }

  #ended(reason: string): void {
    if (this.#stopped) return;
    this.#absentSince ??= performance.now();
    this.#options.onEnd?.(this, reason);
    if (this.#options.comesBack) this.#comeBackLater();
  }

  #comeBackLater(): void {
    if (this.#stopped) return;
    const delay = Math.random() * Math.min(firstDelay * 2 ** this.#tries++, longestDelay);
    this.#retry = setTimeout(() => {
      this.#connect().then(
        () => this.#subscribeAgain(),
        () => this.#comeBackLater(),
      );
    }, delay);
  }

  #subscribeAgain(): void {
    for (const [typeUrl, names] of this.#subscribed) {
      if (this.#options.form === 'sotw') {
        this.#sendSotw(typeUrl, {});
        continue;
      }
      const held = [...(this.resources.get(typeUrl)?.values() ?? [])];
      const initialResourceVersions = Object.fromEntries(held.map(({ name, version }) => [name, version]));
      this.#send({ typeUrl, resourceNamesSubscribe: [...names], initialResourceVersions });
    }
  }

  #receive(message: Buffer): void {
    this.#tries = 0;
    if (this.#absentSince !== undefined) {
      if (this.resources.size > 0) this.#options.onBack?.(this, performance.now() - this.#absentSince);
      this.#absentSince = undefined;
    }
    if (this.#options.form === 'delta') this.#receiveDelta(message);
    else this.#receiveSotw(message);
  }

  #receiveDelta(message: Buffer): void {
    const { typeUrl, nonce, resources, removed } = readDeltaResponse(message);
    const received = resources.map(({ value, version }) => knownResource(typeUrl, value, version));
    const refused = this.#refusal(typeUrl, received);
    const needsOthers = !refused && this.#take(typeUrl, received, removed);
    this.#send({ typeUrl, responseNonce: nonce, ...(refused && { errorDetail: refused }) });
    if (needsOthers) this.#follow(typeUrl);
  }

  #receiveSotw(message: Buffer): void {
    const { typeUrl = '', nonce, versionInfo = '', resources = [] } = DiscoveryResponse.decode(message);
    const received = resources.map(({ value }) => knownResource(typeUrl, value ?? new Uint8Array()));
    const refused = this.#refusal(typeUrl, received);
    let needsOthers = false;
    if (!refused) {
      const names = new Set(received.map(({ name }) => name));
      const listsAll = typeUrl === typeUrls.cluster || typeUrl === typeUrls.listener;
      const had = listsAll ? [...(this.resources.get(typeUrl)?.keys() ?? [])] : [];
      needsOthers = this.#take(
        typeUrl,
        received,
        had.filter((name) => !names.has(name)),
      );
      this.#versions.set(typeUrl, versionInfo);
    }
    this.#sendSotw(typeUrl, { responseNonce: nonce, ...(refused && { errorDetail: refused }) });
    if (needsOthers) this.#follow(typeUrl);
  }

  #refusal(typeUrl: string, received: readonly KnownResource[]): { code: number; message: string } | undefined {
    const bad = received.filter(({ name }) => this.#options.refuses?.(typeUrl, name)).map(({ name }) => `${name}: refused\n`);
    return bad.length > 0 ? { code: 13, message: `Error adding/updating ${bad.join('')}` } : undefined;
  }

  /** @returns whether the sidecar needs other resources now than before */
  #take(typeUrl: string, received: readonly KnownResource[], removed: readonly string[]): boolean {
    const known = this.resources.get(typeUrl) ?? new Map<string, KnownResource>();
    // An empty list of clusters is followed by a subscription to listeners all the same.
    let needsOthers = removed.length > 0 || !this.resources.has(typeUrl);
    this.resources.set(typeUrl, known);
    for (const resource of received) {
      const before = known.get(resource.name);
      known.set(resource.name, resource);
      needsOthers ||= before?.needsKey !== resource.needsKey;
      if (before?.version !== resource.version) {
        this.#options.onSeen(this, typeUrl, resource.name, resource.version);
      } else if (typeUrl === typeUrls.cluster || typeUrl === typeUrls.listener || typeUrl === typeUrls.route) {
        this.repeats += 1;
      }
    }
    for (const name of removed) {
      if (known.delete(name)) {
        this.#options.onSeen(this, typeUrl, name, undefined);
      }
    }
    return needsOthers;
  }

  /** Subscribes to what the clusters and listeners now need, and to listeners once there are clusters. */
  #follow(typeUrl: string): void {
    if (typeUrl !== typeUrls.cluster && typeUrl !== typeUrls.listener) return;
    const all = [typeUrls.cluster, typeUrls.listener].flatMap((each) => [...(this.resources.get(each)?.values() ?? [])]);
    for (const [kind, type] of [
      ['endpoints', typeUrls.endpoints],
      ['secrets', typeUrls.secret],
      ['routes', typeUrls.route],
    ] as const) {
      this.#subscribe(type, [...new Set(all.flatMap(({ needs }) => needs[kind]))]);
    }
    if (!this.#subscribed.has(typeUrls.listener)) {
      this.#subscribe(typeUrls.listener, []);
    }
  }

  #subscribe(typeUrl: string, names: readonly string[]): void {
    const listsAll = typeUrl === typeUrls.cluster || typeUrl === typeUrls.listener;
    const had = this.#subscribed.get(typeUrl) ?? new Set<string>();
    const added = names.filter((name) => !had.has(name));
    const dropped = [...had].filter((name) => !names.includes(name));
    if (!listsAll && added.length === 0 && dropped.length === 0) return;
    this.#subscribed.set(typeUrl, new Set(names));
    for (const name of dropped) {
      this.resources.get(typeUrl)?.delete(name);
    }
    if (this.#options.form === 'delta') {
      this.#send({ typeUrl, resourceNamesSubscribe: added, resourceNamesUnsubscribe: dropped });
    } else {
      this.#sendSotw(typeUrl, { responseNonce: this.#nonces.get(typeUrl) });
    }
  }

  #send(request: DeltaDiscoveryRequest): void {
    this.#stream?.send(DeltaDiscoveryRequest.encode({ ...this.#nodeOnce(), ...request }).finish());
  }

  #sendSotw(typeUrl: string, request: DiscoveryRequest): void {
    if (request.responseNonce) this.#nonces.set(typeUrl, request.responseNonce);
    this.#stream?.send(
      DiscoveryRequest.encode({
        ...this.#nodeOnce(),
        typeUrl,
        versionInfo: this.#versions.get(typeUrl),
        resourceNames: [...(this.#subscribed.get(typeUrl) ?? [])],
        ...request,
      }).finish(),
    );
  }

  #nodeOnce(): { node?: Bootstrapped['node'] } {
    if (!this.#first) return {};
    this.#first = false;
    return { node: this.#bootstrapped.node };
  }
}

function keepAlive(session: ClientHttp2Session): void {
  const interval = setInterval(() => {
    // It closes some time after it was given up.
    if (session.destroyed) return;
    const late = setTimeout(() => session.destroy(), pingTimeout);
    session.ping(() => clearTimeout(late));
  }, pingInterval);
  session.once('close', () => clearInterval(interval));
}
