/**
 * Remembers, of each stage of making something, the last result and what it was made of: a stage whose inputs are the same
 * is not gone through again. Cheaper than a Memo, and for what only one proxy has.
 */
export class LastMade {
  readonly #stages = new Map<string, { readonly inputs: readonly unknown[]; readonly made: unknown }>();

  of<T>(stage: string, inputs: readonly unknown[], make: () => T): T {
    const last = this.#stages.get(stage);
    if (last !== undefined && sameItems(last.inputs, inputs)) return last.made as T;
    const made = make();
    this.#stages.set(stage, { inputs, made });
    return made;
  }
}

export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
