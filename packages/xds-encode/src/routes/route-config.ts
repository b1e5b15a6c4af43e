import type { RouteConfigIr, RouteIr } from '@kuma-mesh/core-model/ir/index.ts';
import { RouteConfiguration } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route.ts';
import { Route, VirtualHost } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { typeUrls } from '../encoded.ts';
import { addPart } from '../envoy/encoded-part.ts';
import { faultsOfRoutes } from '../http-filters/fault.ts';
import { noPermissionOfRoutes, permissionOfRoutes } from '../http-filters/permission.ts';
import { requestLimitOfRoutes } from '../http-filters/request-limit.ts';
import { encodedResource, oncePerObject } from '../resource.ts';
import { headersToAdd } from './headers.ts';
import { route } from './route.ts';

export const encodeRouteConfig = oncePerObject((config: RouteConfigIr) => {
  const message = RouteConfiguration.encode(withoutHosts(config));
  addPart(message, field.virtualHosts, virtualHost(config));
  return encodedResource(typeUrls.route, config.name, message.finish());
});

/** Of hundreds of routes one changes at a time. */
function virtualHost({ host, domains, routes }: RouteConfigIr): Uint8Array {
  const message = VirtualHost.encode({ name: host, domains: [...domains] });
  for (const each of routes) addPart(message, field.routes, encodedRoute(each));
  return message.finish();
}

const encodedRoute = oncePerObject((ir: RouteIr) => Route.encode(route(ir)).finish());

/** Numbers of fields in Envoy's RouteConfiguration and VirtualHost. */
const field = { virtualHosts: 2, routes: 3 };

function withoutHosts(config: RouteConfigIr): RouteConfiguration {
  const { name, direction, domains, permission, faults, requestLimit } = config;
  return {
    name,
    requestHeadersToAdd: headersToAdd({ set: config.setRequestHeaders, add: [], remove: [] }),
    requestHeadersToRemove: [...config.stripRequestHeaders],
    // A host means the same with and without a port, unless somebody asked for one.
    ...(!domains.some((domain) => domain === '*' || /:\d+$/.test(domain)) && { ignorePortInHostMatching: true }),
    typedPerFilterConfig: {
      ...(permission ? permissionOfRoutes(permission) : direction === 'inbound' && noPermissionOfRoutes()),
      ...(faults && faultsOfRoutes(faults)),
      ...(requestLimit && requestLimitOfRoutes(requestLimit)),
    },
  };
}
