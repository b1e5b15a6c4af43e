import type { ClientMatch } from '../generated/types/kuma/client_match.ts';
import type { InboundItem } from '../rules/policy-items.ts';
import { exactness, spiffeIdOf } from './client-match.ts';

/** An item with one of the conditions of its `rules`; without any condition it is for all the clients of its `from`. */
export interface ClientItem {
  readonly item: InboundItem;
  readonly match: ClientMatch | undefined;
}

/** The order in which items replace each other: as policies merge, conditions last, and of these the exact ones last. */
export function leastSpecificFirst(items: readonly InboundItem[]): readonly ClientItem[] {
  return items
    .flatMap((item): ClientItem[] =>
      item.matches.length === 0 ? [{ item, match: undefined }] : item.matches.map((match) => ({ item, match })),
    )
    .sort((a, b) => specificity(a.match) - specificity(b.match));
}

function specificity(match: ClientMatch | undefined): number {
  const client = match && spiffeIdOf(match);
  return client ? exactness(client) : 0;
}
