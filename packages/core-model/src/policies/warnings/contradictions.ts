import { fieldPath, valueAt } from '../../resources/field-path.ts';
import type { Problem, ResourceDraft } from '../../resources/resource.ts';
import type { Effective, EffectiveItem } from '../../rules/effective.ts';
import { mergeConfs } from '../../rules/merge.ts';
import { policyItems } from '../../rules/policy-items.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicyResource, PolicySpec } from '../../target-ref/policy-spec.ts';
import { policies } from '../index.ts';
import type { Contradiction } from '../policy.ts';
import { asWritten, rulesWith } from './rules-with.ts';

/**
 * Values of a policy that cannot hold beside those of others that it is merged with, for some proxy as the mesh is now: of each
 * value, one that it meets. Items for single routes are left out.
 */
export function contradictionWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  const { contradictions } = policies.find(({ kind }) => kind === policy.type) ?? {};
  if (contradictions === undefined) return [];
  const { written, ofKind } = asWritten(snapshot, policy);
  const find = (conf: unknown) => contradictions(conf as never);
  if (!mayContradict(written, ofKind, find)) return [];
  const warnings = new Map<string, string>();
  for (const rule of rulesWith({ written, ofKind }, snapshot)) {
    for (const contradiction of find(rule.conf)) {
      const { field, reason } = describe(contradiction, rule, written) ?? {};
      if (field !== undefined && !warnings.has(field)) warnings.set(field, `field '${field}' ${reason}`);
    }
  }
  return [...warnings.values()];
}

/** With most writes no two items can, whomever they are for, and no proxy needs to be looked at. */
function mayContradict(
  written: PolicyResource,
  ofKind: readonly PolicyResource[],
  find: (conf: unknown) => readonly Contradiction[],
): boolean {
  const all = ofKind.flatMap(confs);
  return confs(written).some((own) =>
    all.some((other) => [mergeConfs([own, other]), mergeConfs([other, own])].some((merged) => find(merged).length > 0)),
  );
}

function confs(policy: PolicyResource): readonly unknown[] {
  const { to, inbound } = policyItems(policy);
  return [...to, ...inbound].map(({ conf }) => conf);
}

function describe({ counts, yields }: Contradiction, rule: Effective, written: PolicyResource): Problem | undefined {
  const winner = stating(rule, counts);
  const loser = stating(rule, yields);
  if (winner === undefined || loser === undefined) return undefined;
  const isLoser = loser.origin.policy === written;
  if (!isLoser && winner.origin.policy !== written) return undefined;
  const [own, path, other, otherPath] = isLoser ? [loser, yields, winner, counts] : [winner, counts, loser, yields];
  const { policy } = other.origin;
  const of = policy === written ? 'the same policy' : `${written.type} "${policy.name}", with which it is merged`;
  const reason = `contradicts ${fieldPath(...otherPath)} of ${of}: ${counts.at(-1)} counts for both`;
  return { field: fieldIn(written, own, path), reason };
}

/** The last one to state a value is the one that it is of. */
function stating({ items }: Effective, path: readonly string[]): EffectiveItem | undefined {
  return items.findLast(({ conf }) => valueAt(conf, path) !== undefined);
}

function fieldIn({ spec }: PolicyResource, { conf, origin }: EffectiveItem, path: readonly string[]): string {
  const { ruleIndex = 0 } = origin;
  const list = (['to', 'from', 'rules'] as const).find((each) => spec[each]?.[ruleIndex]?.default === conf) ?? 'to';
  return fieldPath('spec', list, ruleIndex, 'default', ...path);
}
