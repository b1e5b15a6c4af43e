import { sameItems } from './last-made.ts';

type List = readonly unknown[];

/**
 * One array for equal arrays, for as long as somebody uses it or asked for it of late. What is remembered of a list goes with
 * it: of a mesh whose policies become more one by one, all lists that there ever were would be their number squared.
 */
export class SharedLists {
  readonly #byHash = new Map<number, WeakRef<List>[]>();
  readonly #unused = new FinalizationRegistry<number>((hash) => this.#forgetUnused(hash));
  readonly #numbers = new WeakMap<object, number>();
  #lastNumber = 0;
  /** Those asked for lately, and before. */
  #kept: readonly Set<List>[] = [new Set(), new Set()];
  #room = itemsKept;

  of<T>(items: readonly T[]): readonly T[] {
    const hash = this.#hash(items);
    const alike = this.#byHash.get(hash) ?? [];
    for (const ref of alike) {
      const known = ref.deref();
      if (known !== undefined && sameItems(known, items)) return this.#keep(known) as readonly T[];
    }
    const made = Object.freeze([...items]);
    this.#byHash.set(hash, [...alike, new WeakRef(made)]);
    this.#unused.register(made, hash);
    return this.#keep(made) as readonly T[];
  }

  /** Lists are often asked for by many proxies in turn, of which none keeps them. */
  #keep(list: List): List {
    const [lately] = this.#kept as [Set<List>];
    if (lately.has(list)) return list;
    lately.add(list);
    this.#room -= list.length + 1;
    if (this.#room < 0) {
      this.#kept = [new Set(), lately];
      this.#room = itemsKept;
    }
    return list;
  }

  #hash(items: List): number {
    const step = Math.max(1, Math.floor(items.length / itemsHashed));
    let hash = items.length;
    for (let i = items.length - 1; i >= 0; i -= step) hash = (Math.imul(hash, 31) + this.#numberOf(items[i])) | 0;
    return hash;
  }

  #numberOf(item: unknown): number {
    if (typeof item !== 'object' || item === null) return String(item).length;
    let number = this.#numbers.get(item);
    if (number === undefined) {
      number = ++this.#lastNumber;
      this.#numbers.set(item, number);
    }
    return number;
  }

  #forgetUnused(hash: number): void {
    const used = this.#byHash.get(hash)?.filter((ref) => ref.deref() !== undefined) ?? [];
    if (used.length === 0) this.#byHash.delete(hash);
    else this.#byHash.set(hash, used);
  }
}

/** Of lists asked for lately, and as many of those before. */
const itemsKept = 100_000;

/** Of a longer list some tell enough: what looks alike is compared. */
const itemsHashed = 24;
