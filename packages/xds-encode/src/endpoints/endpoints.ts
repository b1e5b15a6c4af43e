import type { EndpointIr, EndpointsIr, LocalityIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Metadata } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import { ClusterLoadAssignment } from '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint.ts';
import { LbEndpoint, LocalityLbEndpoints } from '@kuma-mesh/envoy-api/generated/envoy/config/endpoint/v3/endpoint_components.ts';
import { type EncodedResource, typeUrls } from '../encoded.ts';
import { addPart } from '../envoy/encoded-part.ts';
import { socketAddress, sorted } from '../envoy/values.ts';
import { encodedResource, oncePerObject } from '../resource.ts';

/** Of a service with thousands of instances one changes at a time. */
export const encodeEndpoints = oncePerObject(({ name, localities, failoverPercentage }: EndpointsIr) => {
  const assignment = ClusterLoadAssignment.encode({
    clusterName: name,
    ...(failoverPercentage !== undefined && { policy: { overprovisioningFactor: overprovisioning(failoverPercentage) } }),
  });
  for (const locality of localities) addPart(assignment, field.endpoints, encodeLocality(locality));
  return encodedResource(typeUrls.endpoints, name, assignment.finish());
});

/** What says of a name that nobody is there, in the form of the protocol that has no other word for it. */
export function noEndpoints(name: string): EncodedResource {
  return encodeEndpoints({ name, localities: [] });
}

/** Numbers of fields in Envoy's ClusterLoadAssignment and LocalityLbEndpoints. */
const field = { endpoints: 2, lbEndpoints: 2 };

const largestFactor = 2 ** 32 - 1;

/** Envoy counts healthy endpoints this many times, in percent, before it finds them too few. At the largest, any are enough. */
function overprovisioning(failoverPercentage: number): number {
  return Math.min(Math.round((100 / failoverPercentage) * 100), largestFactor);
}

/**
 * A locality always has a weight, as many as it has endpoints leaves these alike: endpoints may come a moment before the cluster
 * that ceases to weigh localities, and rings and tables of one that does have no place for localities without.
 */
const encodeLocality = oncePerObject(({ zone, subZone = '', weight, priority, endpoints }: LocalityIr): Uint8Array => {
  const locality = LocalityLbEndpoints.encode({
    ...((zone !== '' || subZone !== '') && { locality: { zone, subZone } }),
    priority,
    loadBalancingWeight: weight ?? endpoints.length,
  });
  for (const endpoint of endpoints) {
    // Envoy knows no weight of zero; who has none takes no traffic.
    if (endpoint.weight !== 0) addPart(locality, field.lbEndpoints, encodeEndpoint(endpoint));
  }
  return locality.finish();
});

const encodeEndpoint = oncePerObject(({ address, port, tags, labels, weight }: EndpointIr): Uint8Array => {
  const tagged = Object.keys(tags).length > 0;
  // Labels stand in for tags where there are none; both would double what most of a large mesh's configuration consists of.
  const metadata = metadataOf(tagged ? { 'envoy.lb': tags, 'envoy.transport_socket_match': tags } : { 'io.kuma.labels': labels });
  return LbEndpoint.encode({
    hostIdentifier: { $case: 'endpoint', value: { address: socketAddress(address, port) } },
    ...(metadata && { metadata }),
    ...(weight !== undefined && { loadBalancingWeight: weight }),
  }).finish();
});

function metadataOf(filters: Readonly<Record<string, Readonly<Record<string, string>>>>): Metadata | undefined {
  const present = Object.entries(filters).filter(([, values]) => Object.keys(values).length > 0);
  if (present.length === 0) return undefined;
  return { filterMetadata: Object.fromEntries(present.map(([filter, values]) => [filter, sorted(values)])) };
}
