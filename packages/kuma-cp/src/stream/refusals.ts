import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';
import { patchedAgain } from '@kuma-mesh/xds-encode/patches/patch-resource.ts';
import type { Possession } from './presumed.ts';

interface Refusal {
  /** What was refused. */
  readonly version: string;
  /** The same without patches, where it has any. */
  readonly plain: string | undefined;
  /** What was given in its place was refused as well. */
  readonly plainRefused: boolean;
}

type Resources = ReadonlyMap<string, EncodedResource>;

/** What a peer refuses of one type, and what it is to have meanwhile. */
export class Refusals {
  readonly #heldBack = new Map<string, Refusal>();
  /** Those that may be taken later as they are. */
  readonly #forNow = new Set<string>();

  get size(): number {
    return this.#heldBack.size;
  }

  has(name: string): boolean {
    return this.#heldBack.has(name);
  }

  /** Whether just this content is refused. */
  isOf({ name, version }: EncodedResource): boolean {
    return this.#heldBack.get(name)?.version === version;
  }

  get anyForNow(): boolean {
    return this.#forNow.size > 0;
  }

  /** @returns whether it was given in place of a patched one that is refused */
  add({ name, version, patched }: EncodedResource): boolean {
    const before = this.#heldBack.get(name);
    // What stands in for a patched one leaves that one held back; Envoy's words on it were reported.
    this.#heldBack.set(
      name,
      before ? { ...before, plainRefused: true } : { version, plain: patched?.without?.version, plainRefused: false },
    );
    return before !== undefined;
  }

  holdForNow(name: string): void {
    this.#forNow.add(name);
  }

  /** What was in their way may be gone by now. */
  releaseForNow(): void {
    for (const name of this.#forNow) this.#heldBack.delete(name);
    this.#forNow.clear();
  }

  /** New content is a new chance. */
  releaseChanged(resources: Resources): void {
    for (const [name, { version }] of this.#heldBack) {
      if (resources.get(name)?.version === version) continue;
      this.#heldBack.delete(name);
      this.#forNow.delete(name);
    }
  }

  /** Whether the peer goes on with an older version of something: with another than what it is without patches. */
  keepOld(possessions: ReadonlyMap<string, Possession>): boolean {
    for (const [name, { plain }] of this.#heldBack) {
      const has = possessions.get(name);
      if (has && has.version !== plain) return true;
    }
    return false;
  }

  /** What the peer is to have of a resource that it refuses, where that is not what it was given before. */
  instead({ name, patched }: EncodedResource, has: Possession | undefined): EncodedResource | undefined {
    const plain = patched?.without;
    if (plain === undefined || this.#heldBack.get(name)?.plainRefused) return undefined;
    if (has === undefined) return plain;
    if (has.resource === undefined) return undefined;
    const taken = has.resource.patched;
    if (taken?.without === undefined) return plain;
    return taken.without.version === plain.version ? undefined : patchedAgain(taken)(plain);
  }
}
