import type { Logger } from 'pino';
import type { Peers, ResourceStore } from '../store/store.ts';
import type { Cluster, Instance } from './cluster.ts';

/** The control planes on a store that several may use. Until it has joined, this one sees itself alone and does not lead. */
export class SharedCluster implements Cluster {
  readonly self: string;
  readonly shared = true;
  readonly #log: Logger;
  readonly #listeners = new Set<() => void>();
  #instances: ReadonlyMap<string, Instance> = new Map();
  #leading = false;
  #connectedSince: number | undefined;

  constructor(self: string, log: Logger) {
    this.self = self;
    this.#log = log;
  }

  get leading(): boolean {
    return this.#leading;
  }

  get instances(): ReadonlyMap<string, Instance> {
    return this.#instances;
  }

  get connectedSince(): number | undefined {
    return this.#connectedSince;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows this instance to the others, and follows them. */
  async join(store: ResourceStore, place: Omit<Instance, 'id'>): Promise<void> {
    await store.join?.({ address: place.address, port: place.port }, (peers) => this.#take(peers));
  }

  #take({ leading, instances, connectedSince }: Peers): void {
    const before = this.#instances;
    this.#instances = new Map([...instances].map(([id, facts]) => [id, { ...(facts as unknown as Omit<Instance, 'id'>), id }]));
    this.#connectedSince = connectedSince;
    for (const id of this.#instances.keys())
      if (!before.has(id) && id !== this.self) this.#log.info({ instance: id }, 'another control plane is here');
    for (const id of before.keys())
      if (!this.#instances.has(id)) this.#log.info({ instance: id }, 'another control plane is gone');
    if (leading !== this.#leading) this.#log.info(leading ? 'this control plane leads now' : 'this control plane leads no more');
    this.#leading = leading;
    for (const listener of [...this.#listeners]) listener();
  }
}
