import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { encodeCluster } from './clusters/cluster.ts';
import { type EncodedProxy, type EncodedResource, moreTypeUrls, typeUrls, type XdsTypeUrl } from './encoded.ts';
import { encodeEndpoints } from './endpoints/endpoints.ts';
import { encodeListener } from './listeners/listener.ts';
import { withPatches } from './patches/with-patches.ts';
import { connectionPermissions, permissionsInForce } from './permission/connection-permissions.ts';
import { oncePerObject, unencodableResource } from './resource.ts';
import { encodeRouteConfig } from './routes/route-config.ts';

type ResourcesByName = ReadonlyMap<string, EncodedResource>;

/**
 * Everything that a proxy gets, but its secrets: their keys are outside the IR, see {@link withSecrets}.
 * Objects of the IR that were encoded before, for this proxy or another, cost a look-up. What cannot be encoded
 * leaves the rest as it is: something without bytes stands in for it.
 */
export function encodeProxy(ir: ProxyIr): EncodedProxy {
  const encoded = new Map<string, ResourcesByName>([
    [typeUrls.cluster, clusters(ir.clusters)],
    [typeUrls.endpoints, endpoints(ir.endpoints)],
    [typeUrls.listener, listeners(ir.listeners)],
    [typeUrls.route, routes(ir.routes)],
    [typeUrls.secret, nothing],
    [moreTypeUrls.extension, extensions(ir.listeners)],
    [moreTypeUrls.runtime, runtime(ir.listeners)],
  ]);
  return withPatches(encoded, ir);
}

/** The same configuration with these secrets in place of those it had. */
export function withSecrets(proxy: EncodedProxy, secrets: readonly EncodedResource[]): EncodedProxy {
  return new Map(proxy).set(typeUrls.secret, byName(secrets));
}

const nothing: ResourcesByName = new Map();
const clusters = oncePerObject(all(typeUrls.cluster, encodeCluster));
const endpoints = oncePerObject(all(typeUrls.endpoints, encodeEndpoints));
const listeners = oncePerObject(all(typeUrls.listener, encodeListener));
const routes = oncePerObject(all(typeUrls.route, encodeRouteConfig));
const extensions = oncePerObject((items: ProxyIr['listeners']) => byName(items.flatMap(connectionPermissions)));
const runtime = oncePerObject((items: ProxyIr['listeners']) => byName([permissionsInForce(items)]));

function all<T extends { readonly name: string }>(typeUrl: XdsTypeUrl, encode: (item: T) => EncodedResource) {
  const orUnencodable = (item: T): EncodedResource => {
    try {
      return encode(item);
    } catch (error) {
      return unencodableResource(typeUrl, item.name, error);
    }
  };
  return (items: readonly T[]): ResourcesByName => byName(items.map(orUnencodable));
}

function byName(resources: readonly EncodedResource[]): ResourcesByName {
  return new Map(resources.map((resource) => [resource.name, resource]));
}
