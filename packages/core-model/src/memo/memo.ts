import { SharedLists } from './shared-lists.ts';

/**
 * Remembers what was made of which inputs, so that equal pieces of many proxies are one object. Inputs are compared by
 * identity (objects) or value (the rest), in order. One for each mesh; a cache only: forgetting changes no result.
 *
 * Entries hang on their object inputs and go with them, the one of before at the latest when others come; where inputs are
 * strings, the oldest are forgotten beyond a bound.
 */
export class Memo {
  readonly #roots = new Map<string, Entry>();
  readonly #lists = new SharedLists();
  readonly #byContent = new Map<string, WeakRef<object>>();
  readonly #unused = new FinalizationRegistry<string>((text) => {
    if (this.#byContent.get(text)?.deref() === undefined) this.#byContent.delete(text);
  });

  /** The value made of `inputs` before under this name, or the one that `make` makes now. */
  once<T>(name: string, inputs: readonly unknown[], make: () => T): T {
    let entry = child(this.#roots, name);
    for (const input of inputs) entry = entry.next(input);
    if (!entry.made) {
      entry.value = make();
      entry.made = true;
    }
    return entry.value as T;
  }

  /** As {@link once}, but makes the value anew when the one of before does not hold any more. */
  onceWhile<T>(name: string, inputs: readonly unknown[], holds: (value: T) => boolean, make: () => T): T {
    const cell = this.once<{ value?: T }>(name, inputs, () => ({}));
    if (cell.value === undefined || !holds(cell.value)) cell.value = make();
    return cell.value;
  }

  /**
   * The value with the same content that was made before and is still in use, else this one. For values that JSON can tell
   * apart: where other inputs give an equal result, nothing that is made of it has to be made anew.
   */
  sameContent<T extends object>(value: T): T {
    const text = JSON.stringify(value);
    const known = this.#byContent.get(text)?.deref();
    if (known !== undefined) return known as T;
    this.#byContent.set(text, new WeakRef(value));
    this.#unused.register(value, text);
    return value;
  }

  /** One array for equal arrays, and what is remembered of it goes with it. */
  intern<T>(items: readonly T[]): readonly T[] {
    return this.#lists.of(items);
  }
}

const mostPerEntry = 10_000;

class Entry {
  made = false;
  value: unknown;
  /** Most inputs are followed by one other only: maps would be most of the work, and of what is collected later. */
  #only: { readonly input: unknown; readonly entry: Entry } | undefined;
  #byObject: WeakMap<object, Entry> | undefined;
  #byValue: Map<unknown, Entry> | undefined;

  next(input: unknown): Entry {
    if (this.#only?.input === input && this.#only !== undefined) return this.#only.entry;
    if (this.#only === undefined && this.#byObject === undefined && this.#byValue === undefined) {
      this.#only = { input, entry: new Entry() };
      return this.#only.entry;
    }
    if (this.#only !== undefined) {
      // An input that is not asked for any more must not stay for the sake of the others.
      const { input: first, entry } = this.#only;
      this.#only = undefined;
      this.#children(first).set(first, entry);
    }
    return child(this.#children(input), input);
  }

  #children(input: unknown): Children {
    if (typeof input === 'object' && input !== null) {
      this.#byObject ??= new WeakMap();
      return this.#byObject as Children;
    }
    this.#byValue ??= new Map();
    if (this.#byValue.size > mostPerEntry) this.#byValue.delete(this.#byValue.keys().next().value);
    return this.#byValue;
  }
}

interface Children<K = unknown> {
  get(key: K): Entry | undefined;
  set(key: K, entry: Entry): unknown;
}

function child<K>(entries: Children<K>, key: K): Entry {
  const known = entries.get(key);
  if (known) return known;
  const entry = new Entry();
  entries.set(key, entry);
  return entry;
}
