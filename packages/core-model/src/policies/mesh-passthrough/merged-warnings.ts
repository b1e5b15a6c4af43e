import type { MeshPassthrough_Conf as Conf } from '../../generated/types/kuma/mesh_passthrough.ts';
import { fieldPath } from '../../resources/field-path.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import type { Effective } from '../../rules/effective.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicyResource, PolicySpec } from '../../target-ref/policy-spec.ts';
import { asWritten, rulesWith } from '../warnings/rules-with.ts';
import { passthroughChains } from './chains.ts';
import { type Displaced, displaced } from './displaced.ts';
import { byteProtocols, lastOfEqual, type Passing, readMatch } from './passing.ts';

/** Of more, Envoy takes a second for each change of the listener, on a small machine several. */
const manyChains = 1000;

/** A match, and where it is written. */
interface PlacedPassing extends Passing {
  readonly policy: PolicyResource;
  readonly field: string;
}

/**
 * What the lists of several policies together come to at some proxy, as the mesh is now: matches that count no longer for the
 * sake of others at their port, and more filter chains than Envoy reads in a moment.
 */
export function passthroughWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  if (policy.type !== 'MeshPassthrough') return [];
  const { written, ofKind } = asWritten(snapshot, policy);
  // With most writes nothing can go wrong, whomever the policies are for, and no proxy needs to be looked at.
  const all = lastOfEqual(ofKind.flatMap((each) => placed(each, each.spec.default)));
  if (displaced(all).length === 0 && mostChains(all) <= manyChains) return [];
  const warnings = new Map<string, string>();
  let most = 0;
  for (const rule of rulesWith({ written, ofKind }, snapshot)) {
    const passing = matchesOf(rule);
    for (const { field, text } of displaced(passing).flatMap((one) => contradiction(one, written))) {
      if (!warnings.has(field)) warnings.set(field, text);
    }
    most = Math.max(most, mostChains(passing));
  }
  return [...warnings.values(), ...(most > manyChains ? [tooMany(most)] : [])];
}

function placed(policy: PolicyResource, conf: unknown): readonly PlacedPassing[] {
  const { appendMatch = [] } = (conf ?? {}) as Conf;
  return appendMatch.flatMap((match, i) =>
    readMatch(match).map((passing) => ({ ...passing, policy, field: fieldPath('appendMatch', i) })),
  );
}

function matchesOf(rule: Effective): readonly PlacedPassing[] {
  if ((rule.conf as Conf).passthroughMode !== 'Matched') return [];
  return lastOfEqual(rule.items.flatMap(({ conf, origin }) => placed(origin.policy, conf)));
}

function mostChains(all: readonly Passing[]): number {
  return Math.max(...(['ipv4', 'ipv6'] as const).map((family) => passthroughChains(family, all).chains.length));
}

function contradiction(
  { loser, winner }: Displaced<PlacedPassing>,
  written: PolicyResource,
): readonly { field: string; text: string }[] {
  const isLoser = loser.policy === written;
  if (!isLoser && winner.policy !== written) return [];
  const [own, other] = isLoser ? [loser, winner] : [winner, loser];
  const of = other.policy === written ? 'the same policy' : `MeshPassthrough "${other.policy.name}", with which it is merged`;
  const field = `spec.default.${own.field}`;
  return [{ field, text: `field '${field}' contradicts ${other.field} of ${of}: ${whatCounts(winner, loser)}` }];
}

function whatCounts(winner: Passing, loser: Passing): string {
  const where = winner.port === undefined ? 'where no port is named,' : `at port ${winner.port}`;
  return byteProtocols.has(winner.protocol)
    ? `${where} ${winner.protocol} counts, and ${loser.protocol} does not pass`
    : `${where} ${winner.protocol} counts for both, and ${loser.value} does not pass by ${loser.protocol}`;
}

function tooMany(chains: number): string {
  return (
    `the listener of some proxy has ${chains} filter chains, as a match without a port stands once more at each port that ` +
    'another names: Envoy takes half a second or more for every thousand; give matches ports, or fewer of them'
  );
}
