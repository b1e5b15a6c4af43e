import type { ProxyKey } from '../pipeline/proxy-key.ts';
import type { InsightStore } from '../store/store.ts';

/** What the control plane keeps of a proxy that it took in by its stream. */
export interface Registration extends ProxyKey {
  /** The Dataplane was created by the stream, and goes with it. One that a user created stays. */
  readonly owned: boolean;
  /** Ports of the inbounds that were closed when the proxy said goodbye; opened again when it comes back. */
  readonly drained: readonly number[];
}

const type = 'DataplaneRegistration';

/**
 * Which Dataplanes came with a stream. Stands apart from the Dataplanes, where users do not see it, and survives a
 * restart: a proxy that died while no control plane ran is given up by the next one.
 */
export class Registrations {
  readonly #insights: InsightStore;

  constructor(insights: InsightStore) {
    this.#insights = insights;
  }

  async get({ mesh, name }: ProxyKey): Promise<Registration | undefined> {
    const row = await this.#insights.get({ type, mesh, name });
    return row && read(row);
  }

  async list(): Promise<readonly Registration[]> {
    return (await this.#insights.list({ type })).map(read);
  }

  async put({ mesh, name, owned, drained }: Registration): Promise<void> {
    const time = new Date().toISOString();
    await this.#insights.putMany([{ type, mesh, name, creationTime: time, modificationTime: time, spec: { owned, drained } }]);
  }

  async delete({ mesh, name }: ProxyKey): Promise<void> {
    await this.#insights.deleteMany([{ type, mesh, name }]);
  }
}

function read({ mesh, name, spec }: { readonly mesh: string; readonly name: string; readonly spec: unknown }): Registration {
  const { owned, drained } = spec as Pick<Registration, 'owned' | 'drained'>;
  return { mesh, name, owned, drained };
}
