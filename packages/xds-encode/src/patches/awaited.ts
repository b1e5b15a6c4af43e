import { type EncodedProxy, type EncodedResource, moreTypeUrls, typeUrls } from '../encoded.ts';
import { oncePerObject } from '../resource.ts';
import type { Change } from './change.ts';
import { isObject, type Json } from './json.ts';
import { asJsonOnce } from './patch-resource.ts';

/*
 * Envoy (1.40) opens a listener when everything has come that it names over ADS, and the first ones of a new process together:
 * over a name that nothing is sent under, the whole proxy would never be there.
 */

/** Changes after which a listener would wait for ever, and why. */
export function changesInVain(proxy: EncodedProxy, changes: readonly Change[]): ReadonlyMap<Change, string> {
  const patched = [...(proxy.get(typeUrls.listener)?.values() ?? [])].filter((resource) => resource.patched);
  const missing = patched.flatMap(awaitedBy).filter(({ typeUrl, name }) => !proxy.get(typeUrl)?.has(name));
  return new Map(
    missing.flatMap(({ what, name }) =>
      changes
        .filter(({ value, steps }) => JSON.stringify([value, steps]).includes(JSON.stringify(name)))
        .map((change) => [change, `nothing is sent for the ${what} ${name}`] as const),
    ),
  );
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
  const { routeConfigName, configSource, name, configDiscovery } = json;
  if (routeConfigName && isOverAds(configSource))
    yield { typeUrl: typeUrls.route, what: 'route configuration', name: String(routeConfigName) };
  if (!isObject(configDiscovery) || configDiscovery.applyDefaultConfigWithoutWarming) return;
  if (isOverAds(configDiscovery.configSource))
    yield { typeUrl: moreTypeUrls.extension, what: 'configuration of the filter', name: String(name) };
}

function isOverAds(source: Json | undefined): boolean {
  return isObject(source) && source.ads !== undefined;
}
