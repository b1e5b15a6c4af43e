import { keepingProbedHealth } from '@kuma-mesh/core-model/dataplane/service-probes.ts';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { Resource, ResourceDraft, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Logger } from 'pino';
import type { VerifyDataplaneToken } from '../auth/dataplane-token.ts';
import type { Cluster, Instance } from '../cluster/cluster.ts';
import type { FeedConsumer } from '../feed/follow-store.ts';
import { type ProxyKey, parseProxyKey, proxyKeyString } from '../pipeline/proxy-key.ts';
import { KeyedQueue } from '../resources/keyed-queue.ts';
import { describeError, ResourceError } from '../resources/resource-error.ts';
import type { ResourceWriter } from '../resources/resource-writer.ts';
import type { Change, ResourceStore, WriteOp } from '../store/store.ts';
import { isStoreError, StoreError } from '../store/store-error.ts';
import { type ProxyNode, SessionRefused } from '../stream/session.ts';
import { Deadlines } from '../timing/deadlines.ts';
import { FairQueue } from '../timing/fair-queue.ts';
import { closeInbounds, openInbounds } from './drained-inbounds.ts';
import { isRegistration, type Registration, registrationKey, registrationType, registrationWrite } from './registrations.ts';
import { readStated, tokenBearer } from './stated-dataplane.ts';

export interface DataplaneLifecycleOptions {
  readonly store: Pick<ResourceStore, 'get' | 'write' | 'fresh' | 'insights'>;
  readonly writer: ResourceWriter;
  readonly cluster: Cluster;
  /** Whether another control plane has a stream of the proxy whose peer still answers. Absent where there is no other. */
  readonly aliveElsewhere?: ((instance: Instance, proxy: ProxyKey) => Promise<boolean>) | undefined;
  readonly verifyToken: VerifyDataplaneToken;
  /** The control plane's own zone; empty when it has none. */
  readonly zone: string;
  /** Milliseconds between the end of a proxy's stream and the end of its Dataplane. */
  readonly deregistrationDelay: number;
  readonly log: Logger;
}

/** A proxy's place in the mesh for as long as its stream lives. */
export interface Membership {
  readonly dataplane: Resource<Dataplane>;
  /** Whether the proxy has said goodbye. */
  readonly draining: boolean;
  /** The stream has ended. */
  end(): void;
}

export interface DrainRequest extends ProxyKey {
  readonly token: string | undefined;
}

export type DrainOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'forbidden' | 'not-found'; readonly reason: string };

/**
 * How Dataplanes come and go with their proxies' streams.
 *
 *   connect ──► registered ──drain──► draining ──┐
 *                  │   ▲                         │ end: at once
 *             end  ▼   │ connect                 ▼
 *               missing ──deregistrationDelay──► gone
 *
 * Everything about one proxy happens in the order in which it was asked for; proxies do not wait for each other.
 *
 * Where several control planes are, a proxy's registration says which one serves it. Whoever lets a proxy in writes itself into
 * it, and whoever gives one up deletes Dataplane and registration in one write that fails if it has changed hands meanwhile.
 * Proxies of an instance that is gone are given up by the leader.
 */
export class DataplaneLifecycle implements FeedConsumer {
  readonly #options: DataplaneLifecycleOptions;
  readonly #queue = new KeyedQueue();
  /** Registrations of all proxies: a thousand that come at once must not keep the API from answering. */
  readonly #turns = new FairQueue(5, 100);
  readonly #members = new Map<string, Member>();
  readonly #registrations = new Map<string, Resource<Registration>>();
  readonly #missing = new Deadlines<string>((key) => void this.#queue.run(key, () => this.#giveUp(parseProxyKey(key))));
  /** Proxies that were let in while the store could not be written: their registration is still to be. */
  readonly #owed = new Map<string, ProxyNode>();
  readonly #unfollow: () => void;
  #repayment: NodeJS.Timeout | undefined;
  #sessions = 0;
  #gone: (proxy: ProxyKey, everywhere: boolean) => void = () => {};
  #moved: (proxy: ProxyKey) => void = () => {};

  constructor(options: DataplaneLifecycleOptions) {
    this.#options = options;
    this.#unfollow = options.cluster.onChange(() => this.#adopt());
  }

  /** Calls back when a proxy did not come back in time: nothing needs to be kept for it here, or `everywhere`. */
  onGone(listener: (proxy: ProxyKey, everywhere: boolean) => void): void {
    this.#gone = listener;
  }

  /** Calls back when another control plane has taken over a proxy whose stream here has not ended yet. */
  onMoved(listener: (proxy: ProxyKey) => void): void {
    this.#moved = listener;
  }

  /** The control plane that serves the proxy, or did last. */
  instanceOf(proxy: ProxyKey): Instance | undefined {
    const { instance } = this.#registrations.get(proxyKeyString(proxy))?.spec ?? {};
    return instance === undefined ? undefined : this.#options.cluster.instances.get(instance);
  }

  /** Whether there is a stream of the proxy here whose peer still answers. */
  async alive(proxy: ProxyKey): Promise<boolean> {
    const member = this.#members.get(proxyKeyString(proxy));
    return member !== undefined && (member.node.alive === undefined || member.node.alive());
  }

  /** Proxies of a control plane before this one have as long to come back as if their streams had ended just now. */
  load(resources: readonly Resource[]): void {
    for (const resource of resources) if (isRegistration(resource)) this.#registrations.set(proxyKeyString(resource), resource);
    this.#adopt();
  }

  /** Who deletes a Dataplane by hand has it gone. */
  apply(changes: readonly Change[]): void {
    for (const { key, after } of changes) {
      if (key.type === registrationType) this.#takeRegistration(key, after as Resource<Registration> | undefined);
      if (key.type === 'Dataplane' && after === undefined) this.#deleted(key);
    }
  }

  /**
   * Lets a proxy in: checks its token, creates or updates the Dataplane that it states.
   * @throws SessionRefused with a message for the proxy
   */
  connect(node: ProxyNode): Promise<Membership> {
    const key = proxyKeyString(node);
    return this.#queue.run(key, async () => {
      await this.#refuseSecond(key, node);
      const session = `${this.#options.cluster.self}/${++this.#sessions}`;
      const dataplane = await this.#turns.run(() => this.#register(node, session));
      const member: Member = { draining: false, node, session };
      this.#members.set(key, member);
      this.#missing.delete(key);
      return {
        dataplane,
        get draining() {
          return member.draining;
        },
        end: () => this.#end(node, member),
      };
    });
  }

  /** The proxy will stop: traffic goes elsewhere from now on, while it ends what it has begun. Its Dataplane goes with its stream. */
  drain(request: DrainRequest): Promise<DrainOutcome> {
    const { mesh, name, token } = request;
    const key = proxyKeyString(request);
    return this.#queue.run(key, async () => {
      const dataplane = await this.#stored(request);
      if (dataplane === undefined)
        return { ok: false, code: 'not-found', reason: `Dataplane "${name}" does not exist in mesh "${mesh}"` };
      const verdict = await this.#options.verifyToken(token, tokenBearer(dataplane));
      if (!verdict.ok) return { ok: false, code: 'forbidden', reason: verdict.reason };
      const member = this.#members.get(key);
      if (member !== undefined) member.draining = true;
      const { spec, ports } = closeInbounds(dataplane.spec);
      const beside = async () => {
        const known = await this.#registration(request);
        const { owned, drained, ...rest } = known?.spec ?? { owned: false, drained: [] };
        return registrationWrite(request, known, { ...rest, owned, drained: [...drained, ...ports], draining: true });
      };
      await this.#options.writer.put(draftOf({ ...dataplane, spec }), { beside });
      this.#options.log.info({ mesh, proxy: name }, 'proxy drains: its endpoints take no new traffic');
      if (member === undefined) await this.#giveUp(request);
      return { ok: true };
    });
  }

  close(): void {
    this.#unfollow();
    this.#missing.clear();
    clearTimeout(this.#repayment);
  }

  /** A stream that broke without a word must not keep its successor out, and a stranger must not push a live proxy out. */
  async #refuseSecond(key: string, { mesh, name }: ProxyNode): Promise<void> {
    const connected = () =>
      new SessionRefused(
        `proxy "${name}" of mesh "${mesh}" is connected already; stop the other one, or give this one another name`,
      );
    const first = this.#members.get(key);
    if (first !== undefined) {
      if (first.node.alive === undefined || (await first.node.alive())) throw connected();
      this.#options.log.info({ mesh, proxy: name }, 'the earlier stream of the proxy is dead; a new one takes its place');
      this.#members.delete(key);
      return;
    }
    const other = this.instanceOf({ mesh, name });
    if (other === undefined || other.id === this.#options.cluster.self) return;
    if (await this.#options.aliveElsewhere?.(other, { mesh, name })) throw connected();
  }

  /** @throws SessionRefused */
  async #register(node: ProxyNode, session: string): Promise<Resource<Dataplane>> {
    try {
      for (let left = registerAttempts; ; left--) {
        try {
          return await this.#tryToRegister(node, session);
        } catch (error) {
          // A user changed the Dataplane meanwhile: what it is now counts.
          if (!(error instanceof ResourceError && error.code === 'conflict') || left === 0) throw error;
        }
      }
    } catch (error) {
      if (error instanceof ResourceError)
        throw new SessionRefused(`the Dataplane is refused: ${describeError(error)}`, { cause: error });
      if (error instanceof StoreError)
        throw new SessionRefused(`the Dataplane cannot be stored now: ${error.message}`, { cause: error });
      throw error;
    }
  }

  async #tryToRegister(node: ProxyNode, session: string): Promise<Resource<Dataplane>> {
    const { store, writer } = this.#options;
    // A user may have created it a moment ago, by way of another control plane.
    if (node.dataplane === undefined && (await this.#stored(node)) === undefined) await store.fresh?.();
    const [stored, known] = await Promise.all([this.#stored(node), this.#registration(node)]);
    const stated = this.#draft(node, stored);
    const verdict = await this.#options.verifyToken(node.token, tokenBearer(stated));
    if (!verdict.ok) throw new SessionRefused(verdict.reason);
    const drained = known?.spec.drained ?? [];
    // The proxy is back: what its goodbye closed is opened, and what its application's silence closed is not.
    const opened = drained.length > 0 ? openInbounds(stated.spec, drained) : stated.spec;
    const spec = stored ? keepingProbedHealth(opened, stored.spec, drained) : opened;
    const draft = { ...stated, spec };
    const expected = node.dataplane === undefined ? stored?.revision : undefined;
    try {
      await writer.put(draft, { expected, beside: () => this.#registrationOf(node, session) });
    } catch (error) {
      const unwritable = isStoreError(error, 'unavailable') || isStoreError(error, 'full');
      if (!unwritable || stored === undefined) throw error;
      // Although the store cannot be written, a proxy that brings nothing new is served.
      await writer.put(draft, { expected });
      this.#owe(node);
    }
    const dataplane = await this.#stored(node);
    if (dataplane === undefined) throw new SessionRefused(`Dataplane "${node.name}" was deleted while its proxy connected`);
    return dataplane;
  }

  async #registrationOf(node: ProxyNode, session: string): Promise<readonly WriteOp[]> {
    const known = await this.#registration(node);
    return registrationWrite(node, known, this.#wanted(node, session, known));
  }

  /** What is kept of a proxy that is connected here. */
  #wanted({ dataplane }: ProxyNode, session: string, known: Resource<Registration> | undefined): Registration | undefined {
    const { self, shared } = this.#options.cluster;
    const owned = dataplane !== undefined || (known?.spec.owned ?? false);
    if (shared) return { owned, drained: [], instance: self, session };
    return owned ? { owned, drained: [] } : undefined;
  }

  #draft(node: ProxyNode, stored: Resource<Dataplane> | undefined): ResourceDraft<Dataplane> {
    if (node.dataplane !== undefined) return readStated(node.dataplane, this.#options.zone);
    if (stored === undefined)
      throw new SessionRefused(
        `Dataplane "${node.name}" does not exist in mesh "${node.mesh}", and the proxy brought none; apply it, or give it to kuma-dp with --dataplane-file`,
      );
    return draftOf(stored);
  }

  #owe(node: ProxyNode): void {
    this.#owed.set(proxyKeyString(node), node);
    this.#repayment ??= setTimeout(() => {
      this.#repayment = undefined;
      const owed = [...this.#owed];
      this.#owed.clear();
      for (const [key, each] of owed) void this.#queue.run(key, () => this.#repay(key, each));
    }, repaymentDelay);
  }

  async #repay(key: string, node: ProxyNode): Promise<void> {
    const member = this.#members.get(key);
    if (member === undefined) return;
    try {
      // Whatever was made of its Dataplane meanwhile, the proxy is here.
      await this.#turns.run(() => this.#register(node, member.session));
    } catch (err) {
      this.#options.log.warn(
        { err, mesh: node.mesh, proxy: node.name },
        'the registration of a connected proxy is still to be written',
      );
      this.#owe(node);
    }
  }

  #takeRegistration(proxy: ProxyKey, registration: Resource<Registration> | undefined): void {
    const key = proxyKeyString(proxy);
    const member = this.#members.get(key);
    if (registration === undefined) {
      this.#registrations.delete(key);
      // The leader took this control plane for dead, and gave its proxies up.
      if (member !== undefined && !member.draining && this.#options.cluster.shared) this.#owe(member.node);
      return;
    }
    this.#registrations.set(key, registration);
    const { instance, draining } = registration.spec;
    if (member === undefined) {
      // Another control plane was told goodbye after the stream had ended here.
      if (draining && this.#missing.has(key)) void this.#queue.run(key, () => this.#giveUp(registration));
      return;
    }
    if (draining) member.draining = true;
    if (instance === undefined || instance === this.#options.cluster.self) return;
    this.#members.delete(key);
    this.#moved({ mesh: proxy.mesh, name: proxy.name });
  }

  #deleted({ mesh, name }: ResourceKey): void {
    const proxy = { mesh, name };
    const key = proxyKeyString(proxy);
    if (!this.#members.has(key)) this.#gone(proxy, true);
    const known = this.#registrations.get(key);
    if (known === undefined || this.#isElsewhere(proxy)) return;
    void this.#queue.run(key, async () => {
      const [stored, registration] = await Promise.all([this.#stored(proxy), this.#registration(proxy)]);
      const member = this.#members.get(key);
      if (stored !== undefined || registration === undefined) return;
      const wanted = member && this.#wanted(member.node, member.session, undefined);
      try {
        await this.#options.store.write(registrationWrite(proxy, registration, wanted));
      } catch (err) {
        this.#options.log.debug({ err, mesh, proxy: name }, 'the registration of a deleted Dataplane stays');
      }
    });
  }

  #end(proxy: ProxyKey, member: Member): void {
    const key = proxyKeyString(proxy);
    if (this.#members.get(key) !== member) return;
    this.#members.delete(key);
    this.#owed.delete(key);
    if (member.draining) void this.#queue.run(key, () => this.#giveUp(proxy));
    else this.#expectBack(proxy);
  }

  /** Proxies whose control plane is gone are the leader's to wait for. */
  #adopt(): void {
    const { cluster } = this.#options;
    if (!cluster.leading) return;
    for (const [key, { mesh, name, spec }] of this.#registrations) {
      if (this.#members.has(key) || this.#missing.has(key)) continue;
      if (spec.instance !== undefined && cluster.instances.has(spec.instance)) continue;
      this.#expectBack({ mesh, name });
    }
  }

  #expectBack(proxy: ProxyKey): void {
    this.#missing.set(proxyKeyString(proxy), Date.now() + this.#options.deregistrationDelay);
  }

  /** A proxy that another control plane let in while the store was away is written down soon after the store is back. */
  #settled(): boolean {
    const { connectedSince } = this.#options.cluster;
    return connectedSince !== undefined && Date.now() - connectedSince >= this.#options.deregistrationDelay;
  }

  async #giveUp({ mesh, name }: ProxyKey): Promise<void> {
    const proxy = { mesh, name };
    if (this.#members.has(proxyKeyString(proxy))) return;
    this.#missing.delete(proxyKeyString(proxy));
    if (!this.#settled() && !this.#registrations.get(proxyKeyString(proxy))?.spec.draining) {
      this.#expectBack(proxy);
      return;
    }
    try {
      await this.#turns.run(() => this.#remove(proxy));
      this.#gone(proxy, !this.#isElsewhere(proxy));
    } catch (err) {
      this.#options.log.error(
        { err, mesh, proxy: name },
        'the Dataplane of a proxy that is gone could not be removed; it is tried again',
      );
      this.#expectBack(proxy);
    }
  }

  async #remove(proxy: ProxyKey): Promise<void> {
    const { store, log } = this.#options;
    const registration = await this.#registration(proxy);
    if (registration === undefined || this.#isElsewhere(proxy)) return;
    const { owned, drained } = registration.spec;
    const left = registrationWrite(proxy, registration, owned || drained.length === 0 ? undefined : { owned, drained });
    const dataplane = owned ? await this.#stored(proxy) : undefined;
    try {
      await store.write([...left, ...(dataplane ? [{ op: 'delete', key: dataplane } as const] : [])]);
    } catch (error) {
      // It came back, here or elsewhere, or somebody was faster.
      if (isStoreError(error, 'conflict') || isStoreError(error, 'not-found')) return this.#remove(proxy);
      throw error;
    }
    if (dataplane === undefined) return;
    log.info({ mesh: proxy.mesh, proxy: proxy.name }, 'proxy is gone: its Dataplane was removed');
    await store.insights.deleteMany([{ type: 'DataplaneInsight', mesh: proxy.mesh, name: proxy.name }]);
  }

  /** Whether its stream, or the wait for the next one, is another control plane's business. */
  #isElsewhere(proxy: ProxyKey): boolean {
    const { cluster } = this.#options;
    const { instance } = this.#registrations.get(proxyKeyString(proxy))?.spec ?? {};
    if (instance === undefined || instance === cluster.self) return false;
    return cluster.instances.has(instance) || !cluster.leading;
  }

  async #stored(proxy: ProxyKey): Promise<Resource<Dataplane> | undefined> {
    return (await this.#options.store.get(dataplaneKey(proxy))) as Resource<Dataplane> | undefined;
  }

  async #registration(proxy: ProxyKey): Promise<Resource<Registration> | undefined> {
    return (await this.#options.store.get(registrationKey(proxy))) as Resource<Registration> | undefined;
  }
}

interface Member {
  draining: boolean;
  readonly node: ProxyNode;
  readonly session: string;
}

/** How often the state of a Dataplane is looked up anew that users change while its proxy connects. */
const registerAttempts = 5;
/** Between two tries to write what was owed while the store was away. Milliseconds. */
const repaymentDelay = 250;

function draftOf({ type, mesh, name, labels, spec }: Resource<Dataplane>): ResourceDraft<Dataplane> {
  return { type, mesh, name, labels, spec };
}

function dataplaneKey({ mesh, name }: ProxyKey): ResourceKey {
  return { type: 'Dataplane', mesh, name };
}
