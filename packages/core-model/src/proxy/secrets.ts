import { tagSetsOf } from '../dataplane/parts.ts';
import { wellKnown } from '../dataplane/tags.ts';
import type { Dataplane } from '../generated/types/kuma/dataplane.ts';
import { type ProxyNames, type SecretIr, spiffeId, tagUri } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import type { MeshView } from '../policies/policy.ts';
import type { Resource } from '../resources/resource.ts';
import { compare } from '../target-ref/compare.ts';

/** The identity of the proxy and the roots that it trusts; none without mutual TLS. */
export function secretsOf(
  dataplane: Resource<Dataplane>,
  { mesh, tls }: MeshView,
  names: ProxyNames,
  memo: Memo,
): readonly SecretIr[] {
  if (tls === 'off') return [];
  const identity = { kind: 'identity', name: names.identitySecret(mesh), mesh, uris: identityUris(dataplane, mesh) } as const;
  const ca = { kind: 'ca', name: names.caSecret(mesh), mesh } as const;
  return [
    memo.once('identity', [identity.name, mesh, ...identity.uris], () => Object.freeze(identity)),
    memo.once('ca', [ca.name, mesh], () => Object.freeze(ca)),
  ];
}

/** URI SANs of a proxy: a SPIFFE id for each of its services, then all its tags. */
function identityUris(dataplane: Resource<Dataplane>, mesh: string): readonly string[] {
  const services = new Set<string>();
  const tags = new Set<string>();
  for (const tagSet of tagSetsOf(dataplane)) {
    for (const [tag, value] of Object.entries(tagSet)) {
      if (tag === wellKnown.service) services.add(spiffeId(mesh, value));
      tags.add(tagUri(tag, value));
    }
  }
  return Object.freeze([...[...services].sort(compare), ...[...tags].sort(compare)]);
}
