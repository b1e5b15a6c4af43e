import type { Tags } from './tags.ts';

/** Says of a request, between two proxies, which tags its sender has: `&kuma.io/service=web&&version=v1,v2&`. */
export const senderTagsHeader = 'x-kuma-tags';

/** The header's value for a proxy. */
export function senderTags(tagSets: readonly Tags[]): string {
  const values = new Map<string, Set<string>>();
  for (const [tag, value] of tagSets.flatMap(Object.entries<string>)) {
    values.set(tag, (values.get(tag) ?? new Set()).add(value));
  }
  return [...values.keys()]
    .sort()
    .map((tag) => `&${tag}=${[...values.get(tag)!].sort().join(',')}&`)
    .join('');
}

/** A regular expression of values that have the tag; `*` is any value of it. */
export function senderTagsPattern(tag: string, value: string): string {
  const wanted = value === '*' ? '[^&]*' : `([^&]*,)?${quoted(value)}(,[^&]*)?`;
  return `.*&${quoted(tag)}=${wanted}&.*`;
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
