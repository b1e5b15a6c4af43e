import { Deadlines } from '../timing/deadlines.ts';
import { type Authority, fingerprint } from './authority.ts';

/**
 * Which authorities a mesh trusts and which one signs, while one replaces another without a failed handshake:
 *
 *   1. the new root is trusted beside the old one; the old one still signs
 *   2. when every proxy has taken both roots that is connected, or may be on its way back, the new one signs, and every proxy
 *      gets a new certificate
 *   3. when no proxy can hold a certificate of the old one any more, the old root goes
 *
 * Step 2 does not wait for longer than {@link trustPatience} for a proxy that takes nothing.
 *
 * Where several control planes are, each sees a part of the proxies: none of them takes a step by itself. All report what their
 * proxies have, and `follow` what the leader makes of that.
 */
export class Trust {
  readonly #conducted: boolean;
  #issuing: Authority | undefined;
  #next: Authority | undefined;
  readonly #retiring = new Map<string, RetiringAuthority>();
  readonly #holders = new Map<string, Holder>();
  readonly #deadlines = new Deadlines<'promote' | 'look' | 'retire'>((what) => this.#due(what));
  readonly #changed: () => void;
  #roots = '';
  /** Until when someone unknown may hold a certificate of the issuing authority: one that was made before the start. */
  #unknownUntil = 0;
  /** Until when proxies of before the start are waited for. */
  #strangersUntil = 0;

  /**
   * @param changed called after the roots or the issuing authority became others
   * @param conducted steps are taken by `follow` alone
   */
  constructor(changed: () => void, conducted = false) {
    this.#changed = changed;
    this.#conducted = conducted;
  }

  /** Who signs now. */
  get issuing(): Authority | undefined {
    return this.#issuing;
  }

  /** Who is trusted already and signs as soon as everybody trusts it. */
  get next(): Authority | undefined {
    return this.#next;
  }

  /** PEM of all trusted roots, in an order that only their content decides. */
  get roots(): string {
    return this.#roots;
  }

  /** Certificates that are trusted and sign no more. */
  get retiring(): readonly RetiringAuthority[] {
    return [...this.#retiring.values()];
  }

  /** The mesh's configuration names this authority now. */
  use(authority: Authority): void {
    this.#retiring.delete(authority.id);
    if (this.#issuing === undefined) this.#issuing = authority;
    else if (this.#issuing.id === authority.id) {
      // Perhaps back from a rotation that had not come to its second step.
      this.#issuing = authority;
      this.#next = undefined;
      this.#deadlines.delete('promote');
    } else if (this.#next?.id !== authority.id) {
      this.#next = authority;
      if (!this.#conducted) this.#deadlines.set('promote', Date.now() + trustPatience);
    }
    this.#update();
    this.#promoteIfAllTrust();
  }

  /** Trusts what signed before the control plane was started. */
  remember(certificate: string, until: number): void {
    const id = fingerprint(certificate);
    if (until <= Date.now()) return;
    if (id === this.#issuing?.id) this.#unknownUntil = until;
    if (id === this.#issuing?.id || id === this.#next?.id) return;
    this.#retiring.set(id, { id, certificate, until, known: false });
    this.#update();
    this.#armRetirement();
  }

  /** Whether every proxy runs with all the roots that is connected, or may be on its way back. */
  get ready(): boolean {
    return this.#allHaveRoots && this.#backUntil <= Date.now();
  }

  /** By authority, when the last of its certificates ends that a proxy may run with. Milliseconds since the epoch. */
  get held(): ReadonlyMap<string, number> {
    const held = new Map<string, number>();
    for (const { leaves } of this.#holders.values())
      for (const { authority, end } of leaves) held.set(authority, Math.max(end, held.get(authority) ?? 0));
    return held;
  }

  /** Takes over what the leader says. */
  follow({ issuing, roots }: SharedTrust): void {
    const before = this.#issuing?.id;
    if (this.#next !== undefined && issuing === this.#next.id) {
      this.#issuing = this.#next;
      this.#next = undefined;
    }
    const current = [this.#issuing?.id, this.#next?.id];
    this.#retiring.clear();
    for (const { id, certificate, until = Number.POSITIVE_INFINITY } of roots)
      if (!current.includes(id)) this.#retiring.set(id, { id, certificate, until, known: false });
    const changed = this.#update();
    if (!changed && before !== this.#issuing?.id) this.#changed();
  }

  /** An authority that still signs according to the leader, where the configuration names its successor already. */
  precede(authority: Authority): void {
    if (this.#issuing === undefined || this.#issuing.id === authority.id || this.#next !== undefined) return;
    this.#next = this.#issuing;
    this.#issuing = authority;
    this.#retiring.delete(authority.id);
    this.#strangersUntil = Date.now() + returnTime;
    if (!this.#conducted) this.#deadlines.set('promote', Date.now() + trustPatience);
    this.#update();
    this.#promoteIfAllTrust();
  }

  /** Names of the proxies that have a stream. */
  get connectedProxies(): readonly string[] {
    return [...this.#holders].filter(([, { connected }]) => connected).map(([name]) => name);
  }

  connected(proxy: string): void {
    this.#holder(proxy).connected = true;
  }

  away(proxy: string): void {
    const holder = this.#holders.get(proxy);
    if (holder === undefined) return;
    holder.connected = false;
    holder.backUntil = Date.now() + returnTime;
    // It comes back with what it has; only its next acknowledgement says what that is.
    holder.roots = undefined;
    this.#promoteIfAllTrust();
  }

  forget(proxy: string): void {
    if (!this.#holders.delete(proxy)) return;
    this.#promoteIfAllTrust();
    this.#retire();
  }

  /** A certificate was made: from now on the proxy may hold it. `leaf` is known by identity. */
  issued(proxy: string, leaf: object, authority: string, notAfter: number): void {
    this.#holder(proxy).leaves.push({ leaf, authority, end: notAfter });
  }

  rootsTaken(proxy: string, roots: string): void {
    this.#holder(proxy).roots = roots;
    this.#promoteIfAllTrust();
  }

  /** It holds none of those that were made before; newer ones may be on their way to it. */
  leafTaken(proxy: string, taken: object): void {
    const { leaves } = this.#holder(proxy);
    leaves.splice(
      0,
      leaves.findIndex(({ leaf }) => leaf === taken),
    );
    this.#retire();
  }

  close(): void {
    this.#deadlines.clear();
  }

  #holder(proxy: string): Holder {
    const known = this.#holders.get(proxy);
    if (known !== undefined) return known;
    const holder: Holder = { connected: false, backUntil: 0, roots: undefined, leaves: [] };
    this.#holders.set(proxy, holder);
    return holder;
  }

  #due(what: 'promote' | 'look' | 'retire'): void {
    if (what === 'promote') this.#promote();
    else if (what === 'look') this.#promoteIfAllTrust();
    else this.#retire();
  }

  #promoteIfAllTrust(): void {
    if (this.#next === undefined || this.#conducted || !this.#allHaveRoots) return;
    const backUntil = this.#backUntil;
    if (backUntil <= Date.now()) this.#promote();
    else this.#deadlines.set('look', backUntil);
  }

  /** Asked with every acknowledgement: the first that lacks them is enough. */
  get #allHaveRoots(): boolean {
    return this.#holders.values().every(({ connected, roots }) => !connected || roots === this.#roots);
  }

  /** When whoever lost its stream is back, or stays away for longer. Milliseconds since the epoch. */
  get #backUntil(): number {
    let until = this.#strangersUntil;
    for (const holder of this.#holders.values()) if (!holder.connected) until = Math.max(until, holder.backUntil);
    return until;
  }

  #promote(): void {
    const [before, next] = [this.#issuing, this.#next];
    if (before === undefined || next === undefined) return;
    this.#deadlines.delete('promote');
    this.#deadlines.delete('look');
    this.#issuing = next;
    this.#next = undefined;
    const { id, certificate } = before;
    const until = Math.max(this.#lastLeaf(id), this.#unknownUntil);
    this.#retiring.set(id, { id, certificate, until, known: this.#unknownUntil <= Date.now() });
    this.#unknownUntil = 0;
    this.#changed();
    this.#retire();
  }

  /** Drops authorities whose certificates nobody can hold any more. */
  #retire(): void {
    if (this.#conducted) return;
    const now = Date.now();
    let dropped = false;
    for (const { id, until, known } of this.#retiring.values()) {
      if (until > now && (!known || this.#lastLeaf(id) > now)) continue;
      dropped = this.#retiring.delete(id);
    }
    if (dropped) this.#update();
    this.#armRetirement();
  }

  #armRetirement(): void {
    const next = Math.min(...this.retiring.map(({ until }) => until));
    if (Number.isFinite(next)) this.#deadlines.set('retire', next);
    else this.#deadlines.delete('retire');
  }

  /** When the last certificate of an authority that may be held ends. */
  #lastLeaf(authority: string): number {
    let last = 0;
    for (const { leaves } of this.#holders.values())
      for (const leaf of leaves) if (leaf.authority === authority) last = Math.max(last, leaf.end);
    return last;
  }

  /** @returns whether the roots are others now */
  #update(): boolean {
    const trusted = [this.#issuing, this.#next, ...this.#retiring.values()].filter((authority) => authority !== undefined);
    const sorted = trusted.sort((a, b) => (a.id < b.id ? -1 : 1));
    const roots = sorted.map(({ certificate }) => `${certificate.trimEnd()}\n`).join('');
    if (roots === this.#roots) return false;
    this.#roots = roots;
    // Who had taken these before may have others on the way by now.
    for (const holder of this.#holders.values()) holder.roots = undefined;
    this.#changed();
    return true;
  }
}

/** Milliseconds. */
export const trustPatience = 30_000;

/** Milliseconds in which a proxy that loses its stream opens another one, unless it is gone. */
const returnTime = 10_000;

/** What the control planes on one store agree on for a mesh. */
export interface SharedTrust {
  /** Fingerprint of the authority that signs. */
  readonly issuing: string;
  /** Every certificate that is trusted; one that signs no more has the time until which it may be needed, in milliseconds since the epoch. */
  readonly roots: readonly { readonly id: string; readonly certificate: string; readonly until?: number }[];
}

export interface RetiringAuthority {
  readonly id: string;
  readonly certificate: string;
  /** Milliseconds since the epoch: when the last certificate that it may have signed ends. */
  readonly until: number;
  /** Whether all who may hold its certificates are known; not so for what signed before the start. */
  readonly known: boolean;
}

/** What is known of one proxy. */
interface Holder {
  connected: boolean;
  /** Without a stream: until when it is waited for. Milliseconds since the epoch. */
  backUntil: number;
  /** The roots that it has taken since they became those. */
  roots: string | undefined;
  /** Certificates that it may run with, in the order in which they were made. */
  readonly leaves: { readonly leaf: object; readonly authority: string; readonly end: number }[];
}
