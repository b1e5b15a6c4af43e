import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { SecureContext } from 'node:tls';
import { DeltaDiscoveryRequest, DiscoveryRequest, DiscoveryResponse } from '../../../packages/envoy-api/src/discovery.ts';
import { typeUrls } from '../../../packages/xds-encode/src/encoded.ts';
import { type Bootstrapped, type Dataplane, fetchBootstrap } from './bootstrap-request.ts';
import { readDeltaResponse } from './delta-response.ts';
import { GrpcStream } from './grpc-stream.ts';
import { type KnownResource, knownResource } from './known-resources.ts';

export interface SidecarOptions {
  readonly controlPlane: URL;
  /** PEM. */
  readonly ca: string;
  /** Trusts `ca`. One for all: to make it takes longer than to shake hands. */
  readonly secureContext: SecureContext;
  readonly dataplane: Dataplane;
  readonly token?: string | undefined;
  readonly form: 'delta' | 'sotw';
  /** A response with such a resource is refused; Envoy would name it. */
  readonly refuses?: (typeUrl: string, name: string) => boolean;
  /** `version` is undefined when the resource went away. */
  readonly onSeen: (sidecar: SimulatedSidecar, typeUrl: string, name: string, version: string | undefined) => void;
  readonly onEnd?: (sidecar: SimulatedSidecar, reason: string) => void;
}

/** Bytes that may be under way, as Envoy has it. */
const window = 16 * 1024 * 1024;

const service = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

/**
 * Speaks as kuma-dp and Envoy do, and runs neither: bootstrap, one TLS connection, one ADS stream, subscriptions that follow
 * from what it gets (clusters need endpoints and secrets, listeners routes and secrets), listeners after clusters.
 */
export class SimulatedSidecar {
  readonly name: string;
  /** By type URL, then name. */
  readonly resources = new Map<string, Map<string, KnownResource>>();
  readonly #options: SidecarOptions;
  readonly #session: ClientHttp2Session;
  readonly #stream: GrpcStream;
  readonly #node: Bootstrapped['node'];
  readonly #subscribed = new Map<string, Set<string>>();
  readonly #versions = new Map<string, string>();
  #first = true;

  private constructor(options: SidecarOptions, session: ClientHttp2Session, { node, token }: Bootstrapped) {
    this.name = options.dataplane.name;
    this.#options = options;
    this.#session = session;
    this.#node = node;
    this.#stream = new GrpcStream(session, {
      path: `${service}/${options.form === 'delta' ? 'DeltaAggregatedResources' : 'StreamAggregatedResources'}`,
      headers: token ? { authorization: token } : {},
      onMessage: (message) => (options.form === 'delta' ? this.#receiveDelta(message) : this.#receiveSotw(message)),
      onEnd: (status, message) =>
        options.onEnd?.(this, status === undefined ? 'connection lost' : `status ${status}: ${message}`),
    });
    this.#subscribe(typeUrls.cluster, []);
  }

  static async start(options: SidecarOptions): Promise<SimulatedSidecar> {
    const bootstrapped = await fetchBootstrap({ ...options, token: options.token, delta: options.form === 'delta' });
    const { secureContext } = options;
    const session = connect(options.controlPlane, { secureContext, settings: { initialWindowSize: window } });
    session.on('error', () => {});
    await Promise.race([
      once(session, 'connect'),
      once(session, 'close').then(() => {
        throw new Error('no connection to the control plane');
      }),
    ]);
    session.setLocalWindowSize(window);
    return new SimulatedSidecar(options, session, bootstrapped);
  }

  /** Breaks the connection off, as a killed Envoy does. */
  stop(): void {
    this.#session.destroy();
  }

  versionOf(typeUrl: string, name: string): string | undefined {
    return this.resources.get(typeUrl)?.get(name)?.version;
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

  readonly #nonces = new Map<string, string>();

  #send(request: DeltaDiscoveryRequest): void {
    this.#stream.send(DeltaDiscoveryRequest.encode({ ...this.#nodeOnce(), ...request }).finish());
  }

  #sendSotw(typeUrl: string, request: DiscoveryRequest): void {
    if (request.responseNonce) this.#nonces.set(typeUrl, request.responseNonce);
    this.#stream.send(
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
    return { node: this.#node };
  }
}
