import { parsePairs } from './pairs.ts';

/** `--tag k=v1,v2`, repeatable, to the tags of a token request. */
export function parseTags(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const tags: Record<string, string[]> = {};
  for (const pair of pairs) {
    for (const [key, values] of Object.entries(parsePairs('--tag', [pair])))
      tags[key] = [...(tags[key] ?? []), ...values.split(',')];
  }
  return tags;
}
