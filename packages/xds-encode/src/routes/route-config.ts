import type { RouteConfigIr } from '@kuma-mesh/core-model/ir/index.ts';
import { RouteConfiguration } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route.ts';
import { typeUrls } from '../encoded.ts';
import { faultsOfRoutes } from '../http-filters/fault.ts';
import { permissionOfRoutes } from '../http-filters/permission.ts';
import { requestLimitOfRoutes } from '../http-filters/request-limit.ts';
import { encodedResource, oncePerObject } from '../resource.ts';
import { headersToAdd } from './headers.ts';
import { route } from './route.ts';

export const encodeRouteConfig = oncePerObject((config: RouteConfigIr) =>
  encodedResource(typeUrls.route, config.name, RouteConfiguration.encode(routeConfiguration(config)).finish()),
);

function routeConfiguration(config: RouteConfigIr): RouteConfiguration {
  const { name, host, domains, permission, faults, requestLimit } = config;
  return {
    name,
    virtualHosts: [{ name: host, domains: [...domains], routes: config.routes.map(route) }],
    requestHeadersToAdd: headersToAdd({ set: config.setRequestHeaders, add: [], remove: [] }),
    requestHeadersToRemove: [...config.stripRequestHeaders],
    // A host means the same with and without a port, unless somebody asked for one.
    ...(!domains.some((domain) => domain === '*' || /:\d+$/.test(domain)) && { ignorePortInHostMatching: true }),
    typedPerFilterConfig: {
      ...(permission && permissionOfRoutes(permission)),
      ...(faults && faultsOfRoutes(faults)),
      ...(requestLimit && requestLimitOfRoutes(requestLimit)),
    },
  };
}
