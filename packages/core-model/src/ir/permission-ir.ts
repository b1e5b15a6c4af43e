import type { Origin } from './origin.ts';

/** Who may call. No rule that matches means denied; Deny wins over AllowWithShadowDeny, and that over Allow. */
export interface PermissionIr {
  readonly rules: readonly PermissionRuleIr[];
}

export interface PermissionRuleIr {
  readonly action: 'Allow' | 'Deny' | 'AllowWithShadowDeny';
  readonly client: ClientMatchIr;
  readonly origin: Origin;
}

/** A condition on the client's certificate. */
export type ClientMatchIr =
  | { readonly kind: 'any' }
  | SpiffeIdIr
  /** A tag of the client: a URI SAN `kuma://<tag>/<value>`; for `kuma.io/service` the SPIFFE id. */
  | { readonly kind: 'tag'; readonly tag: string; readonly value: string; readonly mesh: string }
  | { readonly kind: 'and' | 'or'; readonly of: readonly ClientMatchIr[] }
  | { readonly kind: 'not'; readonly of: ClientMatchIr };

export interface SpiffeIdIr {
  readonly kind: 'spiffeId';
  readonly match: 'exact' | 'prefix';
  readonly value: string;
}
