import { senderTagsHeader, senderTagsPattern } from '../../dataplane/sender-tags.ts';
import type { ClientMatch } from '../../generated/types/kuma/client_match.ts';
import type { TargetRef } from '../../generated/types/kuma/target_ref.ts';
import type { FaultClientIr } from '../../ir/index.ts';
import { selectorOf } from '../../target-ref/selector-of.ts';
import { clientMatch, spiffeMatch } from '../client-match.ts';
import type { MeshView } from '../policy.ts';

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
