import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import type { Change } from './change.ts';
import type { JsonObject } from './json.ts';
import { isOrAny } from './matches.ts';
import { effectOn } from './resource-effect.ts';

/** A route configuration after a change of its virtual hosts; the same one where none of them is concerned. */
export function changedVirtualHosts(routes: JsonObject, change: Change): JsonObject {
  const { match } = change;
  if (!isOrAny(match.routeConfigurationName, routes.name)) return routes;
  const hosts = (routes.virtualHosts ?? []) as readonly JsonObject[];
  if (change.operation === 'Add') return { ...routes, virtualHosts: [...hosts, change.value as JsonObject] };
  if (!hosts.some(({ name }) => isOrAny(match.name, name))) return routes;
  const schema = schemaOf('envoy.config.route.v3.VirtualHost')!;
  const virtualHosts = hosts.flatMap((host) =>
    isOrAny(match.name, host.name) ? (effectOn(schema, host, change) ?? []) : [host],
  );
  return { ...routes, virtualHosts };
}
