import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';

/**
 * Which resources of a rejected response Envoy names in its words. Envoy takes clusters and listeners one by one and
 * reports each that failed as `<name>: <reason>`; for the other types, and for values that break a type's own rules, it
 * names nothing and refuses the response as a whole.
 */
export function culpritsNamed(message: string, suspects: readonly string[]): readonly string[] {
  if (suspects.length === 1) {
    return suspects;
  }
  return suspects.filter((suspect) => isNamed(message, suspect));
}

/** What of a rejection is about one of the resources at fault; all of it where Envoy does not tell them apart. */
export function wordsAbout(message: string, { name }: EncodedResource, culprits: readonly EncodedResource[]): string {
  const at = placeOf(message, name);
  if (at < 0) {
    return reasonOf(message);
  }
  const begin = at + marked(name).length;
  const next = culprits.map((other) => placeOf(message, other.name)).filter((place) => place > at);
  return reasonOf(message.slice(begin, Math.min(message.length, ...next)).replace(/,\s*$/, ''));
}

/** Whether the proxy's host kept it from doing what it was told, which may be otherwise later: a port is taken, a folder is not there. */
export function isOfHost(words: string): boolean {
  return /cannot bind|unable to open file/.test(words);
}

/** Whether the same may be taken later: its host is another one by then, or another listener of the proxy has left the address. */
export function isForNow(words: string): boolean {
  return isOfHost(words) || words.includes('has duplicate address');
}

/** For a value out of range Envoy writes out all of the resource, and behind it, on a line of its own, what is wrong. */
function reasonOf(words: string): string {
  const reason = words.lastIndexOf('\n: ');
  return words.slice(reason < 0 ? 0 : reason + '\n: '.length).trim();
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
