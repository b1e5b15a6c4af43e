import { basename } from 'node:path';
import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { Setting } from './setting.ts';
import type { SettingProblem } from './setting-problem.ts';

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** A value of the file, as YAML has it. */
export interface FileValue {
  readonly raw: unknown;
  readonly source: string;
}

export interface FileContent {
  readonly values: ReadonlyMap<string, FileValue>;
  readonly problems: readonly SettingProblem[];
}

/** Reads which settings of `table` the file sets. Keys without a value say nothing, as in files that list every key. */
export function readConfigFile(file: ConfigFile, table: readonly Setting[]): FileContent {
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines });
  const name = basename(file.path);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message }) => ({
      key: '',
      source: name,
      reason: `is not valid YAML: ${message.split('\n')[0]!.replace(/:$/, '')}`,
    }));
    return { values: new Map(), problems };
  }
  if (isNothing(document.contents)) return { values: new Map(), problems: [] };
  if (!isMap(document.contents)) {
    return {
      values: new Map(),
      problems: [{ key: '', source: name, reason: 'is not a configuration: expected keys and values' }],
    };
  }
  const walk = new Walk(table, document, (offset) => `${name}:${lines.linePos(offset).line}`);
  walk.section('', document.contents);
  return { values: walk.values, problems: walk.problems };
}

class Walk {
  readonly values = new Map<string, FileValue>();
  readonly problems: SettingProblem[] = [];
  readonly #settings: ReadonlyMap<string, Setting>;
  readonly #sections: ReadonlySet<string>;
  readonly #document: Document;
  readonly #sourceAt: (offset: number) => string;

  constructor(table: readonly Setting[], document: Document, sourceAt: (offset: number) => string) {
    this.#settings = new Map(table.map((setting) => [setting.key, setting]));
    this.#sections = new Set(table.flatMap((setting) => parents(setting.key)));
    this.#document = document;
    this.#sourceAt = sourceAt;
  }

  section(path: string, map: YAMLMap): void {
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const child = path === '' ? name : `${path}.${name}`;
      const source = this.#sourceAt(isScalar(key) ? (key.range?.[0] ?? 0) : 0);
      if (this.#settings.has(child)) {
        if (!isNothing(value)) this.values.set(child, { raw: isNode(value) ? value.toJS(this.#document) : value, source });
      } else if (!this.#sections.has(child)) {
        this.problems.push({ key: child, source, reason: `unknown key${this.#suggestion(path, name)}` });
      } else if (isMap(value)) {
        this.section(child, value);
      } else if (!isNothing(value)) {
        this.problems.push({ key: child, source, reason: `expected keys below it, such as ${this.#below(child).join(', ')}` });
      }
    }
  }

  #suggestion(path: string, name: string): string {
    const guess = nearest(name, this.#below(path));
    if (guess !== undefined) return `; did you mean "${path === '' ? guess : `${path}.${guess}`}"?`;
    const elsewhere = [...this.#settings.keys()].filter((key) => key.endsWith(`.${name}`));
    if (elsewhere.length > 0) return `; did you mean "${elsewhere[0]}"?`;
    return `; known here: ${this.#below(path).join(', ')}`;
  }

  /** Names that may stand directly below a path. */
  #below(path: string): readonly string[] {
    const prefix = path === '' ? '' : `${path}.`;
    const keys = [...this.#settings.keys()].filter((key) => key.startsWith(prefix));
    return [...new Set(keys.map((key) => key.slice(prefix.length).split('.')[0]!))];
  }
}

function isNothing(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function parents(key: string): readonly string[] {
  const parts = key.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}
