const pair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;

/** Labels as they stand between the braces of a sample; values stay escaped. */
export function readLabels(labels: string): readonly (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  pair.lastIndex = 0;
  for (let match = pair.exec(labels); match !== null; match = pair.exec(labels)) pairs.push([match[1]!, match[2]!]);
  return pairs;
}

export function writeLabels(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs.map(([name, value]) => `${name}="${value}"`).join(',');
}

export function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

const escapes: Readonly<Record<string, string>> = { n: '\n' };

export function unescapeLabel(value: string): string {
  return value.includes('\\') ? value.replaceAll(/\\(.)/g, (_, character: string) => escapes[character] ?? character) : value;
}
