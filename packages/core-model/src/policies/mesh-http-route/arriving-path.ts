/**
 * A path as a proxy compares it with routes: Envoy first brings those of requests into one form. It encodes what URLs cannot
 * have, decodes letters and digits that are encoded without need, and resolves segments of dots.
 */
export function arrivingPath(path: string): string {
  return withoutDotSegments(decodedLetters(arrivingText(path)));
}

/** The same of a part of a path, whatever is before and behind it. */
export function arrivingText(text: string): string {
  return text.replaceAll('\\', '/').replaceAll(/[^!$-;=@A-Z[\]_a-z~]/gu, percentEncoded);
}

export function percentEncoded(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function decodedLetters(path: string): string {
  return path.replaceAll(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[\w~-]/.test(character) ? character : code;
  });
}

/** A dot may be encoded there. */
function withoutDotSegments(path: string): string {
  const segments: string[] = [];
  const [first = '', ...rest] = path.split('/');
  for (const [i, segment] of rest.entries()) {
    const dots = segment.replaceAll(/%2e/gi, '.');
    if (dots === '..') segments.pop();
    else if (dots !== '.') segments.push(segment);
    if (/^\.\.?$/.test(dots) && i === rest.length - 1) segments.push('');
  }
  return [first, ...segments].join('/');
}
