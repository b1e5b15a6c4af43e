import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import type { Resource } from '../resources/resource.ts';
import { wellKnown } from './tags.ts';

const workloadLabel = 'kuma.io/workload';

/** KRI of the workload that a proxy belongs to, by its label; empty without one. */
export function workloadKri({ mesh, labels }: Resource<Dataplane>, zone: string): string {
  const workload = labels[workloadLabel];
  return workload ? `kri_wl_${mesh}_${zone}_${labels[wellKnown.namespace] ?? ''}_${workload}_` : '';
}
