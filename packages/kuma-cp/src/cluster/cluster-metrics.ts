import { Gauge, type Registry } from 'prom-client';
import type { ResourceStore } from '../store/store.ts';
import type { Cluster } from './cluster.ts';

/** What Prometheus sees of the control planes on one store, and of the store itself. */
export function clusterMetrics(registry: Registry, cluster: Cluster, store: Pick<ResourceStore, 'staleness'>): void {
  const registers = [registry];
  new Gauge({
    name: 'cp_leader',
    help: 'Whether this control plane does what only one does: 1 or 0',
    registers,
    collect() {
      this.set(cluster.leading ? 1 : 0);
    },
  });
  new Gauge({
    name: 'cp_instances',
    help: 'Control planes on the store that this one sees, itself among them',
    registers,
    collect() {
      this.set(Math.max(1, cluster.instances.size));
    },
  });
  new Gauge({
    name: 'store_stale_seconds',
    help: 'Age of what is known of the store; 0 while it is up to date',
    registers,
    collect() {
      this.set((store.staleness?.() ?? 0) / 1000);
    },
  });
}
