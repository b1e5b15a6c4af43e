import { nearest } from '@kuma-mesh/core-model/resources/nearest.ts';
import { kinds } from '@kuma-mesh/core-model/resources/registry.ts';
import { replacedKind } from '@kuma-mesh/core-model/resources/replaced-kinds.ts';

/** Says that a kind does not exist, and what may have been meant. @param word a type, or a kind as in `get` */
export function noKind(word: string): string {
  const replaced = replacedKind(word);
  if (replaced) return replaced;
  const close = nearest(
    word,
    kinds.flatMap((kind) => [kind.name, kind.path]),
  );
  return `there is no kind "${word}"${close ? `; did you mean ${close}?` : ''}`;
}
