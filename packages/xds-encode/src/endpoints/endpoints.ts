import type { EndpointIr, EndpointsIr, LocalityIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Metadata } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import { ClusterLoadAssignment } from '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint.ts';
import type {
  LbEndpoint,
  LocalityLbEndpoints,
} from '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint_components.ts';
import { typeUrls } from '../encoded.ts';
import { socketAddress, sorted } from '../envoy/values.ts';
import { encodedResource, oncePerObject } from '../resource.ts';

export const encodeEndpoints = oncePerObject((endpoints: EndpointsIr) =>
  encodedResource(
    typeUrls.endpoints,
    endpoints.name,
    ClusterLoadAssignment.encode({ clusterName: endpoints.name, endpoints: endpoints.localities.map(locality) }).finish(),
  ),
);

function locality({ zone, priority, endpoints }: LocalityIr): LocalityLbEndpoints {
  return {
    // Envoy knows no weight of zero; who has none takes no traffic.
    lbEndpoints: endpoints.filter(({ weight }) => weight !== 0).map(encodeEndpoint),
    ...(zone !== '' && { locality: { zone } }),
    priority,
  };
}

/** An instance shared by several destinations, or kept over changes of its neighbours, is converted once. */
const encodeEndpoint = oncePerObject(({ address, port, tags, labels, weight }: EndpointIr): LbEndpoint => {
  const metadata = metadataOf({ 'envoy.lb': tags, 'envoy.transport_socket_match': tags, 'io.kuma.labels': labels });
  return {
    hostIdentifier: { $case: 'endpoint', value: { address: socketAddress(address, port) } },
    ...(metadata && { metadata }),
    ...(weight !== undefined && { loadBalancingWeight: weight }),
  };
});

function metadataOf(filters: Readonly<Record<string, Readonly<Record<string, string>>>>): Metadata | undefined {
  const present = Object.entries(filters).filter(([, values]) => Object.keys(values).length > 0);
  if (present.length === 0) return undefined;
  return { filterMetadata: Object.fromEntries(present.map(([filter, values]) => [filter, sorted(values)])) };
}
