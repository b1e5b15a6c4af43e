import type { ReadinessListenerIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import { socketAddress } from '../envoy/values.ts';
import { forwarding } from './forwarding.ts';

/** Only `/ready`, in plain text. */
export function readinessListener({ name, address, cluster }: ReadinessListenerIr): Listener {
  return {
    name,
    address: socketAddress(address.address, address.port),
    filterChains: [{ filters: [forwarding({ statPrefix: name, cluster, path: { kind: 'exact', value: '/ready' } })] }],
  };
}
