import { isObject, type Json } from './json.ts';

type Place = readonly (string | number)[];

/**
 * What remains of JSON without what stands at some places: members are left out, and lists whose items are meant, as the
 * others would move; a packed message whose type is meant is nothing without it.
 */
export function withoutPlaces(json: Json, places: readonly Place[]): Json | undefined {
  if (places.length === 0) return json;
  if (places.some((place) => place.length === 0 || (place.length === 1 && place[0] === '@type'))) return undefined;
  const below = (key: string | number) => places.filter(([first]) => first === key).map((place) => place.slice(1));
  if (Array.isArray(json)) {
    const items = json.map((item: Json, index) => withoutPlaces(item, below(index)));
    return items.includes(undefined) ? undefined : (items as Json[]);
  }
  if (!isObject(json)) return json;
  const members = Object.entries(json).map(([key, member]) => [key, withoutPlaces(member, below(key))] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined)) as Json;
}
