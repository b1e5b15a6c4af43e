import { type EncodedProxy, type EncodedResource, moreTypeUrls, typeUrls } from '../encoded.ts';
import { oncePerObject } from '../resource.ts';
import type { Change } from './change.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { asJsonOnce } from './patch-resource.ts';

/*
 * Envoy (1.40) opens a listener when everything has come that it names over ADS, and the first ones of a new process together:
 * over a name that nothing is sent under, the whole proxy would never be there, or only after many seconds.
 */

/**
 * Changes after which a listener would wait for ever, and why.
 * @param after the configuration with the first changes alone, up to a number of them
 */
export function changesInVain(changes: readonly Change[], after: (count: number) => EncodedProxy): ReadonlyMap<Change, string> {
  const missingAfter = oncePerCount((count) => missingIn(after(count)));
  return new Map(
    missingAfter(changes.length).flatMap(({ typeUrl, what, name }) => {
      const quoted = JSON.stringify(name);
      const naming = changes.filter(
        (change) => name && change.part !== 'cluster' && !change.vain && textOf(change).includes(quoted),
      );
      // A name may also be copied from another place, or be none.
      const isMissing = (count: number) => missingAfter(count).some((other) => other.typeUrl === typeUrl && other.name === name);
      const culprits = naming.length > 0 ? naming : [changes[bisected(changes.length, isMissing) - 1]!];
      return culprits.map((change) => [change, `nothing is sent for the ${what} ${name}`.trimEnd()] as const);
    }),
  );
}

/**
 * A number with which something is true that is not with one less.
 * @param most with which it is true, as it is not with none
 */
function bisected(most: number, isTrue: (count: number) => boolean): number {
  let [least, found] = [0, most];
  while (found - least > 1) {
    const middle = (least + found) >> 1;
    if (isTrue(middle)) found = middle;
    else least = middle;
  }
  return found;
}

function missingIn(proxy: EncodedProxy): readonly Awaited[] {
  const patched = [...(proxy.get(typeUrls.listener)?.values() ?? [])].filter((resource) => resource.patched);
  return patched.flatMap(awaitedBy).filter(({ typeUrl, name }) => !proxy.get(typeUrl)?.has(name));
}

const textOf = oncePerObject(({ value, steps }: Change) => JSON.stringify([value, steps]));

function oncePerCount<T>(make: (count: number) => T): (count: number) => T {
  const made = new Map<number, T>();
  return (count) => {
    if (!made.has(count)) made.set(count, make(count));
    return made.get(count)!;
  };
}

interface Awaited {
  readonly typeUrl: string;
  readonly what: string;
  readonly name: string;
}

const awaitedBy = oncePerObject((listener: EncodedResource): readonly Awaited[] => [...awaitedIn(asJsonOnce(listener))]);

function* awaitedIn(json: Json): Iterable<Awaited> {
  if (!isObject(json) && !Array.isArray(json)) return;
  for (const below of Object.values(json)) yield* awaitedIn(below as Json);
  if (!isObject(json)) return;
  const { routeConfigName, configSource, name, configDiscovery, scopedRds, vhds } = inCamelCase(json);
  if (routeConfigName && isOverAds(configSource))
    yield { typeUrl: typeUrls.route, what: 'route configuration', name: String(routeConfigName) };
  if (isOverAds(isObject(scopedRds) && inCamelCase(scopedRds).scopedRdsConfigSource))
    yield { typeUrl: neverSent.scopedRoutes, what: 'scoped routes', name: String(name) };
  if (isOverAds(isObject(vhds) && inCamelCase(vhds).configSource))
    yield { typeUrl: neverSent.virtualHosts, what: 'virtual hosts of the route configuration', name: String(name ?? '') };
  if (!isObject(configDiscovery)) return;
  const { applyDefaultConfigWithoutWarming, configSource: filterSource } = inCamelCase(configDiscovery);
  if (!applyDefaultConfigWithoutWarming && isOverAds(filterSource))
    yield { typeUrl: moreTypeUrls.extension, what: 'configuration of the filter', name: String(name) };
}

/** Routes are sent whole. */
const neverSent = {
  scopedRoutes: 'type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration',
  virtualHosts: 'type.googleapis.com/envoy.config.route.v3.VirtualHost',
};

function isOverAds(source: Json | undefined): boolean {
  return isObject(source) && source.ads !== undefined;
}

/** A TypedStruct may spell fields in either way. */
function inCamelCase(json: JsonObject): JsonObject {
  const spelled = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [spelled(key), value]));
}
