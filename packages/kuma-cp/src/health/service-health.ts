import { withProbedHealth } from '@kuma-mesh/core-model/dataplane/service-probes.ts';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { ProbeDefaults } from '@kuma-mesh/xds-encode/health-discovery/health-checks.ts';
import type { Logger } from 'pino';
import type { VerifyDataplaneToken } from '../auth/dataplane-token.ts';
import type { FeedConsumer } from '../feed/follow-store.ts';
import { type Registration, registrationKey } from '../lifecycle/registrations.ts';
import { tokenBearer } from '../lifecycle/stated-dataplane.ts';
import { type ProxyKey, proxyKeyString } from '../pipeline/proxy-key.ts';
import { KeyedQueue } from '../resources/keyed-queue.ts';
import { ResourceError } from '../resources/resource-error.ts';
import type { ResourceWriter } from '../resources/resource-writer.ts';
import type { Change, ResourceStore } from '../store/store.ts';
import type { HealthReporter, HealthSession, HealthSessions } from '../stream/health-session.ts';
import { SessionRefused } from '../stream/session.ts';
import { ProbedProxy } from './probed-proxy.ts';

export interface ServiceHealthOptions {
  readonly store: Pick<ResourceStore, 'get'>;
  readonly writer: ResourceWriter;
  readonly verifyToken: VerifyDataplaneToken;
  readonly defaults: ProbeDefaults;
  /** Milliseconds that a proxy may offer to report before its Dataplane is there. */
  readonly patience: number;
  readonly log: Logger;
}

/**
 * A host's own view of its applications: proxies probe what `serviceProbe` asks for and report, and what they report becomes the
 * `state` of the inbound, which endpoints follow.
 *
 *   Dataplane ──probes──► proxy ──report──► state of inbounds ──► Dataplane
 */
export class ServiceHealth implements HealthSessions, FeedConsumer {
  readonly #options: ServiceHealthOptions;
  readonly #queue = new KeyedQueue();
  readonly #proxies = new Map<string, Set<ProbedProxy>>();
  readonly #awaited = new Map<string, Set<() => void>>();

  constructor(options: ServiceHealthOptions) {
    this.#options = options;
  }

  async open(reporter: HealthReporter): Promise<HealthSession> {
    const key = proxyKeyString(reporter);
    const dataplane = await this.#admitted(reporter);
    const proxy = new ProbedProxy({
      dataplane,
      defaults: this.#options.defaults,
      settle: (health) => this.#settle(reporter, health),
      close: () => drop(this.#proxies, key, proxy),
    });
    add(this.#proxies, key, proxy);
    // What happened while it was being admitted.
    const now = await this.#stored(reporter);
    if (now) proxy.changed(now);
    return proxy;
  }

  load(): void {}

  apply(changes: readonly Change[]): void {
    for (const { key, after } of changes) {
      if (key.type !== 'Dataplane' || after === undefined) continue;
      const proxy = proxyKeyString(key);
      for (const found of this.#awaited.get(proxy) ?? []) found();
      for (const probed of this.#proxies.get(proxy) ?? []) probed.changed(after as Resource<Dataplane>);
    }
  }

  /** @throws SessionRefused */
  async #admitted(reporter: HealthReporter): Promise<Resource<Dataplane>> {
    const dataplane = (await this.#stored(reporter)) ?? (await this.#appearing(reporter));
    if (dataplane === undefined)
      throw new SessionRefused(`Dataplane "${reporter.name}" does not exist in mesh "${reporter.mesh}"`);
    const verdict = await this.#options.verifyToken(reporter.token, tokenBearer(dataplane));
    if (!verdict.ok) throw new SessionRefused(verdict.reason);
    return dataplane;
  }

  /** A proxy that starts opens its streams at the same time, and its Dataplane comes with another one. */
  async #appearing(proxy: ProxyKey): Promise<Resource<Dataplane> | undefined> {
    const key = proxyKeyString(proxy);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#options.patience);
    add(this.#awaited, key, resolve);
    try {
      const already = await this.#stored(proxy);
      if (already) return already;
      await promise;
      return await this.#stored(proxy);
    } finally {
      clearTimeout(timer);
      drop(this.#awaited, key, resolve);
    }
  }

  #settle(proxy: ProxyKey, health: ReadonlyMap<string, boolean>): Promise<void> {
    return this.#queue.run(proxyKeyString(proxy), async () => {
      const { writer, log } = this.#options;
      const { mesh, name } = proxy;
      try {
        const [stored, registration] = await Promise.all([this.#stored(proxy), this.#registration(proxy)]);
        // Who says goodbye takes no more traffic, however well its applications are.
        if (stored === undefined || registration?.spec.draining) return;
        const spec = withProbedHealth(stored.spec, health, registration?.spec.drained);
        if (spec === stored.spec) return;
        const { type, labels, revision } = stored;
        await writer.put({ type, mesh, name, labels, spec }, { expected: revision });
        log.info(
          { mesh, proxy: name, health: Object.fromEntries(health) },
          'applications of a proxy were probed: their states changed',
        );
      } catch (err) {
        // Somebody else was faster; the next report is on its way.
        if (err instanceof ResourceError && err.code === 'conflict') return;
        log.warn({ err, mesh, proxy: name }, 'the states of inbounds could not be written; the next report tries again');
      }
    });
  }

  async #stored({ mesh, name }: ProxyKey): Promise<Resource<Dataplane> | undefined> {
    return (await this.#options.store.get({ type: 'Dataplane', mesh, name })) as Resource<Dataplane> | undefined;
  }

  async #registration(proxy: ProxyKey): Promise<Resource<Registration> | undefined> {
    return (await this.#options.store.get(registrationKey(proxy))) as Resource<Registration> | undefined;
  }
}

function add<T>(sets: Map<string, Set<T>>, key: string, item: T): void {
  const set = sets.get(key);
  if (set) set.add(item);
  else sets.set(key, new Set([item]));
}

function drop<T>(sets: Map<string, Set<T>>, key: string, item: T): void {
  const set = sets.get(key);
  if (set?.delete(item) && set.size === 0) sets.delete(key);
}
