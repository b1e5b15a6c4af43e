import { isDeepStrictEqual } from 'node:util';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { type MutualTls, nobodyReady, type TlsReadiness, tlsReadinessKind } from '@kuma-mesh/core-model/snapshot/index.ts';
import type { Logger } from 'pino';
import type { Cluster } from '../cluster/cluster.ts';
import type { Change, ResourceStore, WriteOp } from '../store/store.ts';

export interface TlsReadinessOptions {
  readonly store: Pick<ResourceStore, 'get' | 'write'>;
  readonly cluster: Pick<Cluster, 'leading'>;
  /** What is seen of a mesh; undefined when there is none. */
  readonly see: (mesh: string) => SeenServices | undefined;
  readonly log: Logger;
}

export interface SeenServices {
  readonly tls: MutualTls;
  readonly services: (which: 'all' | 'certified') => readonly string[];
}

/** Milliseconds. What is seen within one is written together. */
const together = 20;
const betweenTries = 1000;

/**
 * Writes down who can be called with mutual TLS in a mesh where it is PERMISSIVE, for all control planes to follow.
 *
 *   off ──► PERMISSIVE   nobody, then each service once all of its proxies have had a certificate, at last all
 *   STRICT, and PERMISSIVE after it   all
 *
 * A service that is ready stays so: whichever proxy comes later has a certificate before it takes traffic.
 */
export class TlsReadinessWriter {
  readonly #options: TlsReadinessOptions;
  readonly #written = new Map<string, TlsReadiness>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #writing = new Set<string>();

  constructor(options: TlsReadinessOptions) {
    this.#options = options;
  }

  /** Takes in what is written, by whichever control plane. */
  follow({ key, after }: Pick<Change, 'key' | 'after'>): void {
    if (key.type !== tlsReadinessKind) return;
    if (after) this.#written.set(key.mesh, (after as Resource<TlsReadiness>).spec);
    else this.#written.delete(key.mesh);
  }

  /** What is seen of a mesh may be other than before. */
  look(mesh: string): void {
    const { cluster, see } = this.#options;
    if (!cluster.leading || this.#timers.has(mesh)) return;
    const seen = see(mesh);
    const written = this.#written.get(mesh);
    if (seen === undefined || (seen.tls === 'off' ? written === undefined : written?.all)) return;
    this.#lookAfter(together, mesh);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #lookAfter(milliseconds: number, mesh: string): void {
    if (this.#timers.has(mesh)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(mesh);
      if (this.#writing.has(mesh)) this.#lookAfter(together, mesh);
      else void this.#write(mesh);
    }, milliseconds).unref();
    this.#timers.set(mesh, timer);
  }

  async #write(mesh: string): Promise<void> {
    this.#writing.add(mesh);
    try {
      await this.#update(mesh);
    } catch (err) {
      // The mesh was deleted, or another leader was faster, or the store is away.
      this.#options.log.debug({ err, mesh }, 'who takes mutual TLS could not be written down');
      this.#lookAfter(betweenTries, mesh);
    } finally {
      this.#writing.delete(mesh);
    }
  }

  async #update(mesh: string): Promise<void> {
    const { store, cluster, see } = this.#options;
    const key = readinessKey(mesh);
    const stored = (await store.get(key)) as Resource<TlsReadiness> | undefined;
    const seen = see(mesh);
    if (!cluster.leading || seen === undefined) return;
    const spec = readinessOf(seen, stored?.spec ?? nobodyReady);
    if (spec === undefined) {
      if (stored) await store.write([{ op: 'delete', key, expected: stored.revision }]);
      return;
    }
    if (isDeepStrictEqual(spec, stored?.spec)) return;
    const draft = { ...key, labels: {}, spec };
    const write: WriteOp = stored ? { op: 'update', draft, expected: stored.revision } : { op: 'create', draft };
    await store.write([{ op: 'require', key: { type: 'Mesh', mesh: '', name: mesh } }, write]);
  }
}

function readinessKey(mesh: string): ResourceKey {
  return { type: tlsReadinessKind, mesh, name: mesh };
}

/** undefined where there is nothing to say. */
function readinessOf({ tls, services }: SeenServices, before: TlsReadiness): TlsReadiness | undefined {
  if (tls === 'off') return undefined;
  if (tls === 'strict' || before.all) return { all: true, services: [] };
  const there = services('all');
  const ready = new Set([...before.services, ...services('certified')]);
  const named = there.filter((service) => ready.has(service));
  return named.length === there.length ? { all: true, services: [] } : { all: false, services: named };
}
