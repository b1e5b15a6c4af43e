import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { addedValue } from './added-value.ts';
import { type Change, messageOf } from './change.ts';
import type { JsonObject } from './json.ts';
import { isOrAny } from './matches.ts';
import { effectOn } from './resource-effect.ts';

/** A route configuration after a change of its virtual hosts; the same one where none of them is concerned. */
export function changedVirtualHosts(routes: JsonObject, change: Change): JsonObject {
  const { match } = change;
  if (!isOrAny(match.routeConfigurationName, routes.name)) return routes;
  const hosts = (routes.virtualHosts ?? []) as readonly JsonObject[];
  if (change.operation === 'Add') return { ...routes, virtualHosts: [...hosts, addedValue(change)] };
  if (!hosts.some(({ name }) => isOrAny(match.name, name))) return routes;
  const schema = schemaOf(messageOf.virtualHost)!;
  const virtualHosts = hosts.flatMap((host) =>
    isOrAny(match.name, host.name) ? (effectOn(schema, host, change) ?? []) : [host],
  );
  return { ...routes, virtualHosts };
}
