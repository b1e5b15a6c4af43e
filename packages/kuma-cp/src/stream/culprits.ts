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

/** A name counts where a word begins with it and a colon ends it: `a` is not named by `a-b: ...` or `b-a: ...`. */
function isNamed(message: string, name: string): boolean {
  const marked = `${name}: `;
  for (let at = message.indexOf(marked); at >= 0; at = message.indexOf(marked, at + 1)) {
    if (at === 0 || /\s/.test(message.charAt(at - 1))) {
      return true;
    }
  }
  return false;
}
