import type { MeshFaultInjection_Conf } from '../../generated/types/kuma/mesh_fault_injection.ts';
import type { Policy } from '../policy.ts';
import { faultsByClient } from './faults.ts';
import { useless } from './useless.ts';

/**
 * Faults in answers of a service. They stand at the routes, which Envoy exchanges under open connections: an experiment
 * begins and ends at once, and costs nobody a connection.
 */
export const meshFaultInjection: Policy<never, MeshFaultInjection_Conf> = {
  kind: 'MeshFaultInjection',
  inbound: {
    httpFilters: () => [{ kind: 'fault' }],
    routes: (routes, { items }, about) => {
      const faults = faultsByClient(items, about);
      return faults.length === 0 ? routes : { ...routes, faults };
    },
  },
  useless,
};
