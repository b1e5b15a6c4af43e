import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';

/**
 * Which resources of a rejected response Envoy names in its words. Envoy takes clusters and listeners one by one and
 * reports each that failed as `<name>: <reason>`; for the other types, and for values that break a type's own rules, it
 * names nothing and refuses the response as a whole.
 */
export function culpritsNamed(message: string, suspects: readonly EncodedResource[]): readonly EncodedResource[] {
  if (suspects.length === 1) {
    return suspects;
  }
  return suspects.filter((suspect) => isNamed(message, suspect.name));
}

/** What of a rejection is about one of the resources at fault; all of it where Envoy does not tell them apart. */
export function wordsAbout(message: string, { name }: EncodedResource, culprits: readonly EncodedResource[]): string {
  const at = placeOf(message, name);
  if (at < 0) {
    return message.trim();
  }
  const begin = at + marked(name).length;
  const next = culprits.map((other) => placeOf(message, other.name)).filter((place) => place > at);
  return message
    .slice(begin, Math.min(message.length, ...next))
    .trim()
    .replace(/,$/, '');
}

function isNamed(message: string, name: string): boolean {
  return placeOf(message, name) >= 0;
}

/** A name counts where a word begins with it and a colon ends it: `a` is not named by `a-b: ...` or `b-a: ...`. */
function placeOf(message: string, name: string): number {
  for (let at = message.indexOf(marked(name)); at >= 0; at = message.indexOf(marked(name), at + 1)) {
    if (at === 0 || /\s/.test(message.charAt(at - 1))) {
      return at;
    }
  }
  return -1;
}

function marked(name: string): string {
  return `${name}: `;
}
