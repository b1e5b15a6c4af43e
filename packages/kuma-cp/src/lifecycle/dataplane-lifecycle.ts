import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { Resource, ResourceDraft, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Logger } from 'pino';
import type { VerifyDataplaneToken } from '../auth/dataplane-token.ts';
import type { FeedConsumer } from '../feed/follow-store.ts';
import { type ProxyKey, parseProxyKey, proxyKeyString } from '../pipeline/proxy-key.ts';
import { KeyedQueue } from '../resources/keyed-queue.ts';
import { describeError, ResourceError } from '../resources/resource-error.ts';
import type { ResourceWriter } from '../resources/resource-writer.ts';
import type { Change, ResourceStore } from '../store/store.ts';
import { type ProxyNode, SessionRefused } from '../stream/session.ts';
import { Deadlines } from '../timing/deadlines.ts';
import { FairQueue } from '../timing/fair-queue.ts';
import { closeInbounds, openInbounds } from './drained-inbounds.ts';
import { type Registration, Registrations } from './registrations.ts';
import { readStated, tokenBearer } from './stated-dataplane.ts';

export interface DataplaneLifecycleOptions {
  readonly store: Pick<ResourceStore, 'get' | 'insights'>;
  readonly writer: ResourceWriter;
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
 */
export class DataplaneLifecycle implements FeedConsumer {
  readonly #options: DataplaneLifecycleOptions;
  readonly #registrations: Registrations;
  readonly #queue = new KeyedQueue();
  /** Registrations of all proxies: a thousand that come at once must not keep the API from answering. */
  readonly #turns = new FairQueue(5);
  readonly #members = new Map<string, Member>();
  readonly #missing = new Deadlines<string>((key) => void this.#queue.run(key, () => this.#giveUp(parseProxyKey(key))));
  #gone: (proxy: ProxyKey) => void = () => {};

  constructor(options: DataplaneLifecycleOptions) {
    this.#options = options;
    this.#registrations = new Registrations(options.store.insights);
  }

  /** Calls back when a proxy did not come back in time: nothing needs to be kept for it. */
  onGone(listener: (proxy: ProxyKey) => void): void {
    this.#gone = listener;
  }

  /** Proxies of a control plane before this one have as long to come back as if their streams had ended just now. */
  async load(resources: readonly Resource[]): Promise<void> {
    const dataplanes = new Set(resources.filter(({ type }) => type === 'Dataplane').map(proxyKeyString));
    for (const registration of await this.#registrations.list()) {
      if (!dataplanes.has(proxyKeyString(registration))) await this.#registrations.delete(registration);
      else if (!this.#members.has(proxyKeyString(registration))) this.#expectBack(registration);
    }
  }

  /** Who deletes a Dataplane by hand has it gone, and whoever creates it again owns it. */
  apply(changes: readonly Change[]): void {
    for (const { key, after } of changes) {
      if (key.type !== 'Dataplane' || after !== undefined) continue;
      void this.#queue.run(proxyKeyString(key), async () => {
        const again = await this.#options.store.get(key);
        if (again !== undefined) return;
        await this.#registrations.delete(key);
        if (!this.#members.has(proxyKeyString(key))) this.#gone({ mesh: key.mesh, name: key.name });
      });
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
      const dataplane = await this.#turns.run(() => this.#register(node));
      const member: Member = { draining: false, alive: node.alive };
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
      const known = await this.#registrations.get(request);
      // Kept before the write: a control plane that starts in between opens what may not be closed yet, which is harmless.
      await this.#registrations.put({ mesh, name, owned: known?.owned ?? false, drained: [...(known?.drained ?? []), ...ports] });
      await this.#options.writer.put(draftOf({ ...dataplane, spec }));
      this.#options.log.info({ mesh, proxy: name }, 'proxy drains: its endpoints take no new traffic');
      if (member === undefined && known?.owned) await this.#giveUp(request);
      return { ok: true };
    });
  }

  close(): void {
    this.#missing.clear();
  }

  /** A stream that broke without a word must not keep its successor out, and a stranger must not push a live proxy out. */
  async #refuseSecond(key: string, { mesh, name }: ProxyNode): Promise<void> {
    const first = this.#members.get(key);
    if (first === undefined) return;
    if (first.alive === undefined || (await first.alive()))
      throw new SessionRefused(
        `proxy "${name}" of mesh "${mesh}" is connected already; stop the other one, or give this one another name`,
      );
    this.#options.log.info({ mesh, proxy: name }, 'the earlier stream of the proxy is dead; a new one takes its place');
    this.#members.delete(key);
  }

  async #register(node: ProxyNode): Promise<Resource<Dataplane>> {
    try {
      const stored = await this.#stored(node);
      const draft = this.#draft(node, stored);
      const verdict = await this.#options.verifyToken(node.token, tokenBearer(draft));
      if (!verdict.ok) throw new SessionRefused(verdict.reason);
      const known = await this.#registrations.get(node);
      const owned = stored === undefined || (known?.owned ?? false);
      const { mesh, name } = node;
      // Kept before the Dataplane: should we die in between, the next control plane knows whose it is.
      if (owned && !known?.owned) await this.#registrations.put({ mesh, name, owned, drained: [] });
      await this.#options.writer.put(draft);
      if (known && known.drained.length > 0) await this.#forgetDrain({ ...known, owned });
      const dataplane = await this.#stored(node);
      if (dataplane === undefined) throw new SessionRefused(`Dataplane "${name}" was deleted while its proxy connected`);
      return dataplane;
    } catch (error) {
      if (error instanceof ResourceError)
        throw new SessionRefused(`the Dataplane is refused: ${describeError(error)}`, { cause: error });
      throw error;
    }
  }

  #draft(node: ProxyNode, stored: Resource<Dataplane> | undefined): ResourceDraft<Dataplane> {
    if (node.dataplane !== undefined) return readStated(node.dataplane, this.#options.zone);
    if (stored === undefined)
      throw new SessionRefused(
        `Dataplane "${node.name}" does not exist in mesh "${node.mesh}", and the proxy brought none; apply it, or give it to kuma-dp with --dataplane-file`,
      );
    return draftOf(stored);
  }

  /** The proxy is back: an own Dataplane was stated anew; in a user's one, what its goodbye closed is opened. */
  async #forgetDrain(registration: Registration): Promise<void> {
    const stored = await this.#stored(registration);
    if (stored !== undefined)
      await this.#options.writer.put(draftOf({ ...stored, spec: openInbounds(stored.spec, registration.drained) }));
    if (registration.owned) await this.#registrations.put({ ...registration, drained: [] });
    else await this.#registrations.delete(registration);
  }

  #end(proxy: ProxyKey, member: Member): void {
    const key = proxyKeyString(proxy);
    if (this.#members.get(key) !== member) return;
    this.#members.delete(key);
    if (member.draining) void this.#queue.run(key, () => this.#giveUp(proxy));
    else this.#expectBack(proxy);
  }

  #expectBack(proxy: ProxyKey): void {
    this.#missing.set(proxyKeyString(proxy), Date.now() + this.#options.deregistrationDelay);
  }

  async #giveUp({ mesh, name }: ProxyKey): Promise<void> {
    const proxy = { mesh, name };
    if (this.#members.has(proxyKeyString(proxy))) return;
    this.#missing.delete(proxyKeyString(proxy));
    try {
      if ((await this.#registrations.get(proxy))?.owned) {
        await this.#turns.run(() => this.#remove(proxy));
        await this.#registrations.delete(proxy);
        this.#options.log.info({ mesh, proxy: name }, 'proxy is gone: its Dataplane was removed');
      }
      this.#gone(proxy);
    } catch (err) {
      this.#options.log.error(
        { err, mesh, proxy: name },
        'the Dataplane of a proxy that is gone could not be removed; it is tried again',
      );
      this.#expectBack(proxy);
    }
  }

  async #remove(proxy: ProxyKey): Promise<void> {
    try {
      await this.#options.writer.delete(dataplaneKey(proxy));
    } catch (error) {
      // Somebody was faster.
      if (error instanceof ResourceError && (error.code === 'not-found' || error.code === 'mesh-not-found')) return;
      throw error;
    }
  }

  async #stored(proxy: ProxyKey): Promise<Resource<Dataplane> | undefined> {
    return (await this.#options.store.get(dataplaneKey(proxy))) as Resource<Dataplane> | undefined;
  }
}

interface Member {
  draining: boolean;
  readonly alive: ProxyNode['alive'];
}

function draftOf({ type, mesh, name, labels, spec }: Resource<Dataplane>): ResourceDraft<Dataplane> {
  return { type, mesh, name, labels, spec };
}

function dataplaneKey({ mesh, name }: ProxyKey): ResourceKey {
  return { type: 'Dataplane', mesh, name };
}
