import { senderTagsHeader, senderTagsPattern } from '../../dataplane/sender-tags.ts';
import type { ClientMatch } from '../../generated/types/kuma/client_match.ts';
import type { TargetRef } from '../../generated/types/kuma/target_ref.ts';
import type { FaultClientIr } from '../../ir/index.ts';
import type { InboundItem } from '../../rules/policy-items.ts';
import { selectorOf } from '../../rules/regions.ts';
import { clientMatch, spiffeMatch } from '../client-match.ts';
import type { MeshView } from '../policy.ts';

/** An item with one of the conditions of its `rules`; without any condition it is for all the clients of its `from`. */
export interface ClientItem {
  readonly item: InboundItem;
  readonly match: ClientMatch | undefined;
}

/** The order in which items replace each other: as policies merge, conditions last, and of these the exact ones last. */
export function leastSpecificFirst(items: readonly InboundItem[]): readonly ClientItem[] {
  return items
    .flatMap((item): ClientItem[] =>
      item.matches.length === 0
        ? [{ item, match: undefined }]
        : item.matches.map((match) => ({ item, match: match as ClientMatch })),
    )
    .sort((a, b) => specificity(a.match) - specificity(b.match));
}

function specificity(match: ClientMatch | undefined): number {
  const { type, value = '' } = match?.spiffeID ?? {};
  return type === 'Exact' ? Number.MAX_SAFE_INTEGER : value.length;
}

/** @returns undefined for clients that nobody can be known to be */
export function clientOf(from: TargetRef, match: ClientMatch | undefined, { mesh, tls }: MeshView): FaultClientIr | undefined {
  if (tls !== 'off') {
    const client = match ? spiffeMatch(match) : clientMatch(from, mesh);
    return client.kind === 'any' ? client : { kind: 'certificate', match: client };
  }
  if (match) return undefined;
  const tags = Object.entries(selectorOf(from)).sort();
  if (tags.length === 0) return { kind: 'any' };
  return {
    kind: 'header',
    name: senderTagsHeader,
    patterns: tags.map(([tag, value]) => senderTagsPattern(tag, value)),
  };
}
