import type { ClientMatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Principal } from '@kuma-mesh/envoy-api/generated/envoy/config/rbac/v3/rbac.ts';
import type { StringMatcher } from '@kuma-mesh/envoy-api/generated/envoy/type/matcher/v3/string.ts';
import { beginsWith, exactly } from '../envoy/values.ts';
import { uriOfTag } from './uri-of-tag.ts';

/** Whose connection it is, by the URI SANs of the certificate: one that matches is enough. */
export function principal(client: ClientMatchIr): Principal {
  switch (client.kind) {
    case 'any':
      return { identifier: { $case: 'any', value: true } };
    case 'spiffeId':
      return authenticated(client.match === 'exact' ? exactly(client.value) : beginsWith(client.value));
    case 'tag':
      return authenticated(exactly(uriOfTag(client)));
    case 'and':
      return allOf(client.of.map(principal));
    case 'or':
      return anyOf(client.of.map(principal));
    case 'not':
      return not(principal(client.of));
  }
}

export function allOf(ids: Principal[]): Principal {
  if (ids.length === 0) return { identifier: { $case: 'any', value: true } };
  return ids.length === 1 ? ids[0]! : { identifier: { $case: 'andIds', value: { ids } } };
}

export function anyOf(ids: Principal[]): Principal {
  if (ids.length === 0) return not({ identifier: { $case: 'any', value: true } });
  return ids.length === 1 ? ids[0]! : { identifier: { $case: 'orIds', value: { ids } } };
}

export function not(id: Principal): Principal {
  return { identifier: { $case: 'notId', value: id } };
}

function authenticated(principalName: StringMatcher): Principal {
  return { identifier: { $case: 'authenticated', value: { principalName } } };
}
