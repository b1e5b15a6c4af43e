const pair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"([^"\\]*(?:\\[\s\S][^"\\]*)*)"\s*(,?)/y;
const end = /\s*\}/y;

/** The name of a metric as its labels have it. */
const metricName = '__name__';

/** Labels as they stand between the braces of a sample; values stay escaped. */
export function readLabels(labels: string): readonly (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  pair.lastIndex = 0;
  for (let match = pair.exec(labels); match !== null; match = pair.exec(labels)) pairs.push([match[1]!, match[2]!]);
  return pairs;
}

/**
 * @param at behind the opening brace
 * @returns where the closing one stands; undefined where what is between them are no labels, or two of one name
 */
export function labelsEnd(line: string, at: number): number | undefined {
  const names = new Set([metricName]);
  let next = at;
  for (let more = true; ; ) {
    end.lastIndex = next;
    if (end.test(line)) return end.lastIndex - 1;
    pair.lastIndex = next;
    const match: RegExpExecArray | null = more ? pair.exec(line) : null;
    if (match === null || names.has(match[1]!)) return undefined;
    names.add(match[1]!);
    next = pair.lastIndex;
    more = match[3] !== '';
  }
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
