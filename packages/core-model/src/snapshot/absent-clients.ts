import { wellKnown } from '../dataplane/tags.ts';
import type { ClientMatch } from '../generated/types/kuma/client_match.ts';
import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { spiffeId } from '../ir/index.ts';
import { fieldPath, type Path } from '../resources/field-path.ts';
import type { PolicySpec } from '../target-ref/policy-spec.ts';
import { dataplaneFacts, tagSelector } from './dataplane-facts.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { selectorKeys } from './selector-keys.ts';

type SpiffeIdMatch = NonNullable<ClientMatch['spiffeID']>;

/** So many conditions are named: a list of all clients may be written before there is any. */
const mostNamed = 5;

/** Clients that a policy speaks of and that no proxy is, as by a slip of the pen. */
export function absentClients(snapshot: MeshSnapshot, { from = [], rules = [] }: PolicySpec): string[] {
  const conditions = conditionsIn(rules, ['spec', 'rules']);
  const absent = conditions.filter(({ field, value }) => field === 'spiffeID' && !isSomebodysId(snapshot, value));
  const ofZoneProxies = conditions.filter(({ field }) => field === 'sni');
  const id = spiffeId(snapshot.mesh, '<service>');
  return [
    ...from.flatMap(({ targetRef }, i) =>
      targetRef && !isSomebody(snapshot, targetRef)
        ? [`field '${fieldPath('spec', 'from', i, 'targetRef')}' selects no data plane proxy of mesh "${snapshot.mesh}" now`]
        : [],
    ),
    ...told(
      absent,
      `matches no data plane proxy of mesh "${snapshot.mesh}" now: the id of a service's proxies is ${id}`,
      'of its SPIFFE ids match no data plane proxy now',
    ),
    ...told(
      ofZoneProxies,
      'matches nothing now: only zone proxies are asked for server names, and there are none yet',
      'of its server names match nothing now',
    ),
  ];
}

function told(conditions: readonly Condition[], why: string, whyMore: string): readonly string[] {
  const more = conditions.length - mostNamed;
  return [
    ...conditions.slice(0, mostNamed).map(({ at }) => `field '${fieldPath(...at)}' ${why}`),
    ...(more > 0 ? [`${more} more ${whyMore}`] : []),
  ];
}

function isSomebody({ dataplanes, selectors }: MeshSnapshot, ref: TargetRef): boolean {
  const [first, ...others] = selectorKeys(ref);
  if (first === undefined) return true;
  for (const name of selectors.get(first)?.keys() ?? []) {
    const facts = dataplaneFacts(dataplanes.get(name)!);
    if (others.every((key) => facts.selectors.has(key))) return true;
  }
  return false;
}

function isSomebodysId({ mesh, services, selectors }: MeshSnapshot, { type, value = '' }: SpiffeIdMatch): boolean {
  const ofMesh = spiffeId(mesh, '');
  if (type !== 'Prefix')
    return value.startsWith(ofMesh) && selectors.has(tagSelector(wellKnown.service, value.slice(ofMesh.length)));
  if (ofMesh.startsWith(value)) return true;
  for (const service of services.keys()) if (spiffeId(mesh, service).startsWith(value)) return true;
  return false;
}

interface Condition {
  readonly at: Path;
  readonly field: keyof ClientMatch;
  readonly value: SpiffeIdMatch;
}

/** Conditions on clients stand at kind-specific places; the names of their fields are the same everywhere. */
function conditionsIn(value: unknown, at: Path): readonly Condition[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => conditionsIn(item, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) =>
    key === 'spiffeID' || key === 'sni' ? [{ at: [...at, key], field: key, value: field }] : conditionsIn(field, [...at, key]),
  );
}
