import type { Logger } from 'pino';
import type { InsightStore } from '../store/store.ts';

/** A root that proxies may need. A root that still signs has no end yet: what it signs ends `lifetime` later. */
export interface TrustedRoot {
  readonly certificate: string;
  /** Its authority signs now. */
  readonly signs?: boolean;
  /** Milliseconds since the epoch. */
  readonly until?: number;
  /** Milliseconds. */
  readonly lifetime: number;
}

export type RememberedRoot = Pick<TrustedRoot, 'certificate' | 'signs'> & { readonly until: number };

const type = 'CertificateTrust';

/**
 * Keeps the trusted roots of each mesh across restarts, so that a control plane that dies while one authority replaces
 * another goes on trusting the old one for as long as its certificates live. Certificates only; keys are in Secrets.
 */
export class TrustMemory {
  readonly #insights: InsightStore;
  readonly #log: Logger;
  readonly #saved = new Map<string, string>();

  constructor(insights: InsightStore, log: Logger) {
    this.#insights = insights;
    this.#log = log;
  }

  /** By mesh, with the time until which each root may be needed. */
  async load(): Promise<ReadonlyMap<string, readonly RememberedRoot[]>> {
    const rows = await this.#insights.list({ type });
    const now = Date.now();
    return new Map(
      rows.map(({ mesh, spec }) => {
        const { roots } = spec as { readonly roots: readonly TrustedRoot[] };
        return [mesh, roots.map(({ lifetime, until = now + lifetime, ...root }) => ({ ...root, until }))];
      }),
    );
  }

  save(mesh: string, roots: readonly TrustedRoot[]): void {
    const content = JSON.stringify(roots);
    if (this.#saved.get(mesh) === content) return;
    this.#saved.set(mesh, content);
    const time = new Date().toISOString();
    this.#insights
      .putMany([{ type, mesh, name: mesh, creationTime: time, modificationTime: time, spec: { roots } }])
      .catch((err) => this.#log.warn({ err, mesh }, 'the trusted roots could not be kept for a restart'));
  }

  remove(mesh: string): void {
    this.#saved.delete(mesh);
    this.#insights
      .deleteMany([{ type, mesh, name: mesh }])
      .catch((err) => this.#log.warn({ err, mesh }, 'the trusted roots of a mesh without mtls could not be removed'));
  }
}
