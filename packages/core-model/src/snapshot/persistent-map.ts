/**
 * An immutable map from string keys whose edits copy only the path they touch, so that a snapshot of ten thousand
 * dataplanes is renewed by a change at the price of a few small arrays.
 *
 *   branch (32 children, by 5 bits of the key's hash)
 *     └─ branch ...
 *          └─ leaf (a short list of entries)
 *
 * A batch of edits shares one owner token: nodes made within the batch are changed in place, older ones are copied.
 */
export class PersistentMap<V> implements Iterable<readonly [string, V]> {
  readonly size: number;
  readonly #root: Node<V>;

  private constructor(root: Node<V>, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(emptyLeaf(undefined), 0);
  }

  get(key: string): V | undefined {
    let node = this.#root;
    for (let hash = hashOf(key); node.kind === 'branch'; hash >>>= bitsPerLevel) {
      const child = node.children[hash & levelMask];
      if (child === undefined) return undefined;
      node = child;
    }
    const at = node.keys.indexOf(key);
    return at < 0 ? undefined : node.values[at];
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A map with the edits applied; this one stays as it is. The same map when nothing was edited. */
  edit(apply: (draft: MapDraft<V>) => void): PersistentMap<V> {
    const owner: Owner = {};
    let root = this.#root;
    let size = this.size;
    apply({
      get: (key) => new PersistentMap(root, size).get(key),
      set: (key, value) => {
        const edited = put(root, { owner, key, value, hash: hashOf(key), depth: 0 });
        root = edited.node;
        size += edited.growth;
      },
      delete: (key) => {
        const edited = remove(root, key, hashOf(key), owner);
        if (edited === undefined) return;
        root = edited;
        size -= 1;
      },
    });
    return root === this.#root && size === this.size ? this : new PersistentMap(root, size);
  }

  set(key: string, value: V): PersistentMap<V> {
    return this.edit((draft) => draft.set(key, value));
  }

  delete(key: string): PersistentMap<V> {
    return this.edit((draft) => draft.delete(key));
  }

  /** Faster than iterating, for what happens with each change. */
  forEach(visit: (value: V, key: string) => void): void {
    visitEntries(this.#root, visit);
  }

  *[Symbol.iterator](): Iterator<readonly [string, V]> {
    yield* entriesOf(this.#root);
  }

  *keys(): Iterable<string> {
    for (const [key] of this) yield key;
  }

  *values(): Iterable<V> {
    for (const [, value] of this) yield value;
  }
}

export interface MapDraft<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}

/** Identity of one batch of edits. */
type Owner = object;

interface Branch<V> {
  readonly kind: 'branch';
  readonly owner: Owner | undefined;
  readonly children: (Node<V> | undefined)[];
}

interface Leaf<V> {
  readonly kind: 'leaf';
  readonly owner: Owner | undefined;
  readonly keys: string[];
  readonly values: V[];
}

type Node<V> = Branch<V> | Leaf<V>;

const bitsPerLevel = 5;
const levelMask = 31;
/** Below it, a hash has no more bits to tell keys apart. */
const deepest = 6;
const leafCapacity = 16;

function emptyLeaf<V>(owner: Owner | undefined): Leaf<V> {
  return { kind: 'leaf', owner, keys: [], values: [] };
}

/** FNV-1a over UTF-16 code units. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

interface Put<V> {
  readonly owner: Owner;
  readonly key: string;
  readonly value: V;
  /** What is left of the hash at this depth. */
  readonly hash: number;
  readonly depth: number;
}

function put<V>(node: Node<V>, edit: Put<V>): { node: Node<V>; growth: 0 | 1 } {
  if (node.kind === 'branch') {
    const own = node.owner === edit.owner ? node : { ...node, owner: edit.owner, children: [...node.children] };
    const slot = edit.hash & levelMask;
    const below = { ...edit, hash: edit.hash >>> bitsPerLevel, depth: edit.depth + 1 };
    const edited = put(own.children[slot] ?? emptyLeaf<V>(edit.owner), below);
    own.children[slot] = edited.node;
    return { node: own, growth: edited.growth };
  }
  const own = node.owner === edit.owner ? node : { ...node, owner: edit.owner, keys: [...node.keys], values: [...node.values] };
  const at = own.keys.indexOf(edit.key);
  if (at >= 0) {
    own.values[at] = edit.value;
    return { node: own, growth: 0 };
  }
  own.keys.push(edit.key);
  own.values.push(edit.value);
  return { node: own.keys.length > leafCapacity && edit.depth < deepest ? split(own, edit) : own, growth: 1 };
}

function split<V>(leaf: Leaf<V>, { owner, depth }: Put<V>): Branch<V> {
  const children: (Leaf<V> | undefined)[] = new Array(levelMask + 1).fill(undefined);
  leaf.keys.forEach((key, i) => {
    const slot = (hashOf(key) >>> (bitsPerLevel * depth)) & levelMask;
    const child = children[slot] ?? emptyLeaf<V>(owner);
    children[slot] = child;
    child.keys.push(key);
    child.values.push(leaf.values[i] as V);
  });
  return { kind: 'branch', owner, children };
}

/** @returns undefined when the key is absent */
function remove<V>(node: Node<V>, key: string, hash: number, owner: Owner): Node<V> | undefined {
  if (node.kind === 'branch') {
    const slot = hash & levelMask;
    const child = node.children[slot];
    const edited = child && remove(child, key, hash >>> bitsPerLevel, owner);
    if (edited === undefined) return undefined;
    const own = node.owner === owner ? node : { ...node, owner, children: [...node.children] };
    own.children[slot] = edited.kind === 'leaf' && edited.keys.length === 0 ? undefined : edited;
    return own;
  }
  const at = node.keys.indexOf(key);
  if (at < 0) return undefined;
  return { kind: 'leaf', owner, keys: node.keys.toSpliced(at, 1), values: node.values.toSpliced(at, 1) };
}

function visitEntries<V>(node: Node<V>, visit: (value: V, key: string) => void): void {
  if (node.kind === 'leaf') {
    for (let i = 0; i < node.keys.length; i++) visit(node.values[i] as V, node.keys[i]!);
    return;
  }
  for (const child of node.children) if (child) visitEntries(child, visit);
}

function* entriesOf<V>(node: Node<V>): Iterable<readonly [string, V]> {
  if (node.kind === 'leaf') {
    for (let i = 0; i < node.keys.length; i++) yield [node.keys[i]!, node.values[i] as V];
    return;
  }
  for (const child of node.children) if (child) yield* entriesOf(child);
}
