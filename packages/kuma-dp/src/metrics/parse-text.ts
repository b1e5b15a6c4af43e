import type { MetricFamily, MetricType, Sample } from './metric-family.ts';
import { readSample } from './read-sample.ts';

export interface ParseOptions {
  /** Whether the text is OpenMetrics, which names counters and writes times in another way. */
  readonly openMetrics?: boolean;
  /** Families that are not wanted are passed over without being read. */
  readonly wanted?: (name: string) => boolean;
}

/**
 * Reads Prometheus' text format 0.0.4, or OpenMetrics as if it had been written so.
 * @returns families in the order in which they first appear
 * @throws MetricsSyntaxError where a line is none that Prometheus reads: it would refuse all of what that is merged with
 */
export function parseMetrics(text: string, { openMetrics = false, wanted = () => true }: ParseOptions = {}): MetricFamily[] {
  const families = new Families(openMetrics, wanted);
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    while (blanks.has(text.charCodeAt(start))) start++;
    if (text.charCodeAt(start) === hashSign) families.comment(text.slice(start, end));
    else if (end > start) families.sample(text, start, end);
    start = end + 1;
  }
  return families.all;
}

const hashSign = '#'.charCodeAt(0);
const blanks: ReadonlySet<number> = new Set([' ', '\t'].map((blank) => blank.charCodeAt(0)));

interface Open {
  readonly name: string;
  type: MetricType;
  help?: string;
  readonly samples: Sample[];
  readonly wanted: boolean;
}

class Families {
  readonly #openMetrics: boolean;
  readonly #wanted: (name: string) => boolean;
  readonly #byName = new Map<string, Open>();
  /** By the name that comments have for them, which may come in either order. */
  readonly #stated = new Map<string, Open>();
  readonly #helps = new Map<string, string>();
  #current: Open | undefined;

  constructor(openMetrics: boolean, wanted: (name: string) => boolean) {
    this.#openMetrics = openMetrics;
    this.#wanted = wanted;
  }

  get all(): MetricFamily[] {
    return [...this.#byName.values()].filter(({ wanted, samples }) => wanted && samples.length > 0);
  }

  comment(line: string): void {
    const match = /^#\s+(TYPE|HELP)\s+(\S+)(?:\s+(.*))?$/.exec(line);
    if (match === null) return;
    const [, keyword, stated = '', rest = ''] = match;
    if (keyword === 'HELP') {
      this.#helps.set(stated, rest);
      const known = this.#stated.get(stated) ?? this.#byName.get(stated);
      if (known) known.help = rest;
      return;
    }
    const { name, type } = this.#openMetrics ? asText(stated, rest.trim()) : { name: stated, type: rest.trim() };
    const family = this.#family(name);
    family.type = types.has(type) ? (type as MetricType) : 'untyped';
    const help = this.#helps.get(stated);
    if (help !== undefined) family.help = help;
    this.#stated.set(stated, family);
    this.#current = family;
  }

  sample(text: string, start: number, end: number): void {
    const current = this.#current;
    // Most lines of an Envoy belong to families that nobody wants: these are not looked at.
    if (current && !current.wanted && text.startsWith(current.name, start)) return;
    const sample = readSample(text.slice(start, end), this.#openMetrics);
    if (sample === undefined) return;
    const family = current && belongs(sample.name, current) ? current : this.#familyOf(sample.name);
    // When a series began is a sample of its own in OpenMetrics, which the text format does not know.
    if (this.#openMetrics && sample.name.endsWith('_created') && family.name !== sample.name) return;
    if (family.wanted) family.samples.push(sample);
  }

  #familyOf(sample: string): Open {
    for (const suffix of suffixes) {
      const family = sample.endsWith(suffix) ? this.#byName.get(sample.slice(0, -suffix.length)) : undefined;
      if (family && belongs(sample, family)) return family;
    }
    return this.#family(sample);
  }

  #family(name: string): Open {
    const known = this.#byName.get(name);
    if (known) return known;
    const help = this.#helps.get(name);
    const family: Open = { name, type: 'untyped', samples: [], wanted: this.#wanted(name), ...(help !== undefined && { help }) };
    this.#byName.set(name, family);
    return family;
  }
}

const types: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary']);
const suffixes = ['_bucket', '_sum', '_count', '_created'];

function belongs(sample: string, { name, type }: Open): boolean {
  if (sample === name) return true;
  if (type === 'counter') return sample === `${name.replace(/_total$/, '')}_created`;
  if (type !== 'histogram' && type !== 'summary') return false;
  return suffixes.includes(sample.slice(name.length)) && sample.startsWith(name);
}

/** What the text format calls a family of OpenMetrics. */
function asText(name: string, type: string): { readonly name: string; readonly type: string } {
  switch (type) {
    case 'counter':
      return { name: `${name}_total`, type };
    case 'info':
      return { name: `${name}_info`, type: 'gauge' };
    case 'stateset':
      return { name, type: 'gauge' };
    default:
      return { name, type };
  }
}
