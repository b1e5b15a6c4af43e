import { Memo } from '@kuma-mesh/core-model/proxy/index.ts';
import {
  applyChanges,
  emptySnapshot,
  type MeshSnapshot,
  type ResourceChange,
  touchedProxies,
} from '@kuma-mesh/core-model/snapshot/index.ts';
import type { ConnectedProxy, Work } from './connected-proxy.ts';

/** A mesh as the pipeline follows it, and those of its proxies that are connected. */
export class MeshState {
  readonly memo = new Memo();
  /** By name. */
  readonly proxies = new Map<string, ConnectedProxy>();
  #snapshot: MeshSnapshot;

  constructor(mesh: string) {
    this.#snapshot = emptySnapshot(mesh);
  }

  get snapshot(): MeshSnapshot {
    return this.#snapshot;
  }

  /** Nothing is left to follow. */
  get unused(): boolean {
    return this.proxies.size === 0 && this.#snapshot.resource === undefined;
  }

  /** Takes changes in, and tells of each connected proxy that they can have touched. */
  apply(changes: readonly ResourceChange[], touched: (proxy: ConnectedProxy, work: Work) => void): void {
    const before = this.#snapshot;
    const { snapshot, delta } = applyChanges(before, changes);
    this.#snapshot = snapshot;
    if (this.proxies.size === 0) return;
    const { rebuild, endpoints } = touchedProxies(before, snapshot, delta);
    const tell = (names: ReadonlySet<string>, work: Work) => {
      for (const name of names) {
        const proxy = this.proxies.get(name);
        if (proxy !== undefined) touched(proxy, work);
      }
    };
    tell(rebuild, 'rebuild');
    tell(endpoints, 'endpoints');
  }
}
