import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import { deepFreeze } from '../resources/freeze.ts';

/** A piece, and which policies shaped it. */
export interface Shaped<Piece> {
  readonly piece: Piece;
  /** Places in the list of policies. */
  readonly by: readonly number[];
}

/**
 * Every policy's hook in turn, each on what the one before it made.
 * @param step gives back the same piece where the policy of that place has nothing to say
 */
export function shaped<Piece extends object>(
  piece: Piece,
  step: (made: Piece, policy: number) => Piece,
  memo: Memo,
): Shaped<Piece> {
  let made = piece;
  const by: number[] = [];
  for (const place of policies.keys()) {
    const next = step(made, place);
    if (next !== made) by.push(place);
    made = next;
  }
  return Object.freeze({ piece: memo.sameContent(deepFreeze(made)), by: Object.freeze(by) });
}
