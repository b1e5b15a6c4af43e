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

/** So many ids are named: a list of all clients may be written before there is any. */
const namedIds = 5;

/** Clients that a policy speaks of and that no proxy is, as by a slip of the pen. */
export function absentClients(snapshot: MeshSnapshot, { from = [], rules = [] }: PolicySpec): string[] {
  const ids = spiffeIds(rules, ['spec', 'rules']).filter(({ match }) => !isSomebodysId(snapshot, match));
  return [
    ...from.flatMap(({ targetRef }, i) =>
      targetRef && !isSomebody(snapshot, targetRef)
        ? [`field '${fieldPath('spec', 'from', i, 'targetRef')}' selects no data plane proxy of mesh "${snapshot.mesh}" now`]
        : [],
    ),
    ...ids
      .slice(0, namedIds)
      .map(
        ({ at }) =>
          `field '${fieldPath(...at)}' matches no data plane proxy of mesh "${snapshot.mesh}" now: the id of a service's proxies is ${spiffeId(snapshot.mesh, '<service>')}`,
      ),
    ...(ids.length > namedIds ? [`${ids.length - namedIds} more of its SPIFFE ids match no data plane proxy now`] : []),
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

/** Conditions on ids stand at kind-specific places; their name is the same everywhere. */
function spiffeIds(value: unknown, at: Path): readonly { readonly at: Path; readonly match: SpiffeIdMatch }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => spiffeIds(item, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) =>
    key === 'spiffeID' ? [{ at: [...at, key], match: field as SpiffeIdMatch }] : spiffeIds(field, [...at, key]),
  );
}
