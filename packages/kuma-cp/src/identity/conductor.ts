import type { Logger } from 'pino';
import type { Cluster, Instance } from '../cluster/cluster.ts';
import type { ResourceStore, WriteOp } from '../store/store.ts';
import { fingerprint } from './authority.ts';
import { rootsId, sharedTrustKey, type TrustReport } from './shared-trust.ts';
import { type SharedTrust, type Trust, trustPatience } from './trust.ts';

export interface ConductorOptions {
  readonly store: Pick<ResourceStore, 'get' | 'write'>;
  readonly cluster: Cluster;
  readonly meshes: () => Iterable<ConductedMesh>;
  /** Calls back when a mesh trusts others here, or has another authority in view. */
  readonly onTrustChanged: (listener: (mesh: ConductedMesh) => void) => void;
  /** What another control plane says of the proxies that it serves; undefined when it does not answer. */
  readonly ask: (instance: Instance, mesh: string) => Promise<TrustReport | undefined>;
  readonly log: Logger;
  /** Between two looks at whether a step can be taken, though nothing is known to have changed. Milliseconds. */
  readonly interval?: number;
}

/** Between two looks while an authority waits for its turn: proxies and other control planes are about to follow. Milliseconds. */
const waitingInterval = 100;

export interface ConductedMesh {
  readonly mesh: string;
  readonly trust: Trust;
  /** Milliseconds for which certificates are valid. */
  readonly lifetime: number;
}

/**
 * Takes the steps by which one authority replaces another where several control planes serve proxies: the leader's looks at what
 * all of them report, and writes what they agree on into the store, which all follow. See {@link Trust}.
 */
export class Conductor {
  readonly #options: ConductorOptions;
  readonly #timer: NodeJS.Timeout;
  /** By mesh, the authority that waits for its turn, and since when. */
  readonly #waiting = new Map<string, { readonly id: string; readonly since: number }>();
  /** By mesh, the control planes that were there when the issuing authority took its turn: they know who holds what. */
  readonly #witnesses = new Map<string, readonly string[]>();
  /** Meshes to look at. */
  readonly #due = new Set<ConductedMesh>();
  #waitingTimer: NodeJS.Timeout | undefined;
  #busy = false;
  #closed = false;

  constructor(options: ConductorOptions) {
    this.#options = options;
    options.onTrustChanged((mesh) => void this.#look([mesh]));
    this.#timer = setInterval(() => void this.#look(options.meshes()), options.interval ?? 1000).unref();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#waitingTimer);
  }

  async #look(meshes: Iterable<ConductedMesh>): Promise<void> {
    for (const mesh of meshes) this.#due.add(mesh);
    if (this.#busy) return;
    this.#busy = true;
    for (const mesh of this.#due) {
      this.#due.delete(mesh);
      if (this.#closed || !this.#options.cluster.leading) continue;
      try {
        await this.#conduct(mesh);
      } catch (err) {
        // The mesh was deleted, or another leader was faster, or the store is away: it is looked at again.
        this.#options.log.debug({ err, mesh: mesh.mesh }, 'the authorities of a mesh could not be agreed on');
      }
    }
    this.#busy = false;
    this.#lookSoonAtWaiting();
  }

  #lookSoonAtWaiting(): void {
    clearTimeout(this.#waitingTimer);
    if (this.#closed || !this.#options.cluster.leading) return;
    const waiting = [...this.#options.meshes()].filter(({ trust }) => trust.next !== undefined);
    if (waiting.length > 0) this.#waitingTimer = setTimeout(() => void this.#look(waiting), waitingInterval).unref();
  }

  async #conduct(conducted: ConductedMesh): Promise<void> {
    const { mesh, trust } = conducted;
    if (trust.issuing === undefined) return;
    const key = sharedTrustKey(mesh);
    const stored = await this.#options.store.get(key);
    const before = stored?.spec as SharedTrust | undefined;
    const after = before ? await this.#step(conducted, before) : agreed(trust.issuing);
    if (after === undefined) return;
    const draft = { ...key, labels: {}, spec: after };
    const write: WriteOp = stored ? { op: 'update', draft, expected: stored.revision } : { op: 'create', draft };
    await this.#options.store.write([{ op: 'require', key: { type: 'Mesh', mesh: '', name: mesh } }, write]);
    if (before?.issuing !== after.issuing) {
      this.#waiting.delete(mesh);
      this.#options.log.info({ mesh }, 'a certificate authority signs now for all control planes');
    }
  }

  /** The next thing to agree on; undefined while there is none. */
  async #step({ mesh, trust, lifetime }: ConductedMesh, before: SharedTrust): Promise<SharedTrust | undefined> {
    const { issuing, next } = trust;
    // Who signed before is known to nobody any more: its roots stay until its certificates have ended.
    if (issuing && issuing.id !== before.issuing && next?.id !== before.issuing) return this.#replaced(before, issuing, lifetime);
    if (next) return (await this.#mayPromote(mesh, trust)) ? this.#promoted(mesh, before, { next, lifetime }) : undefined;
    return this.#retired(mesh, before);
  }

  async #mayPromote(mesh: string, trust: Trust): Promise<boolean> {
    const id = trust.next!.id;
    const waiting = this.#waiting.get(mesh);
    if (waiting?.id !== id) this.#waiting.set(mesh, { id, since: Date.now() });
    else if (Date.now() - waiting.since > trustPatience) return true;
    if (!trust.ready) return false;
    const reports = await this.#reports(mesh);
    const roots = rootsId(trust.roots);
    return reports.every((report) => report?.ready && report.roots === roots);
  }

  #promoted(
    mesh: string,
    before: SharedTrust,
    { next, lifetime }: { readonly next: { readonly certificate: string }; readonly lifetime: number },
  ): SharedTrust {
    this.#witnesses.set(mesh, [...this.#options.cluster.instances.keys()]);
    return this.#replaced(before, next, lifetime);
  }

  #replaced(before: SharedTrust, by: { readonly certificate: string }, lifetime: number): SharedTrust {
    const { issuing, roots } = agreed(by);
    const until = Date.now() + lifetime;
    const others = before.roots.filter(({ id }) => id !== issuing);
    return { issuing, roots: [...roots, ...others.map((root) => ({ ...root, until: root.until ?? until }))] };
  }

  async #retired(mesh: string, before: SharedTrust): Promise<SharedTrust | undefined> {
    const retiring = before.roots.filter(({ id }) => id !== before.issuing);
    if (retiring.length === 0) return undefined;
    const held = await this.#held(mesh);
    const now = Date.now();
    const stays = ({ id, until = Number.POSITIVE_INFINITY }: SharedTrust['roots'][number]) =>
      id === before.issuing || (until > now && (held === undefined || (held.get(id) ?? 0) > now));
    const roots = before.roots.filter(stays);
    return roots.length < before.roots.length ? { issuing: before.issuing, roots } : undefined;
  }

  /** Until when certificates of each authority are held; undefined when there may be some that nobody knows of. */
  async #held(mesh: string): Promise<ReadonlyMap<string, number> | undefined> {
    const { cluster, meshes } = this.#options;
    const witnesses = this.#witnesses.get(mesh);
    if (witnesses === undefined || witnesses.some((id) => !cluster.instances.has(id))) return undefined;
    const reports = await this.#reports(mesh);
    const held = new Map([...meshes()].find((each) => each.mesh === mesh)?.trust.held ?? []);
    for (const report of reports) {
      if (report === undefined) return undefined;
      for (const [id, end] of Object.entries(report.held)) held.set(id, Math.max(end, held.get(id) ?? 0));
    }
    return held;
  }

  #reports(mesh: string): Promise<readonly (TrustReport | undefined)[]> {
    const { cluster, ask } = this.#options;
    const others = [...cluster.instances.values()].filter(({ id }) => id !== cluster.self);
    return Promise.all(others.map((instance) => ask(instance, mesh)));
  }
}

function agreed({ certificate }: { readonly certificate: string }): SharedTrust {
  const id = fingerprint(certificate);
  return { issuing: id, roots: [{ id, certificate }] };
}
