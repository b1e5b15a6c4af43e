import { revocationNames, signingKeyPrefixes } from './secret-names.ts';

/** What a token speaks for; each scope has its own signing keys and revocations. */
export type TokenScope =
  | { readonly kind: 'user' }
  | { readonly kind: 'zone' }
  | { readonly kind: 'dataplane'; readonly mesh: string };

/** Where a scope's secrets live. */
export interface SecretPlace {
  readonly type: 'Secret' | 'GlobalSecret';
  readonly mesh: string;
}

export function signingKeyPlace(scope: TokenScope): SecretPlace & { readonly prefix: string } {
  return scope.kind === 'dataplane'
    ? { type: 'Secret', mesh: scope.mesh, prefix: signingKeyPrefixes.dataplane(scope.mesh) }
    : { type: 'GlobalSecret', mesh: '', prefix: signingKeyPrefixes[scope.kind] };
}

/**
 * Where revocations are looked for. For dataplanes Kuma 2.14 reads the global secret although it documents the one in
 * the mesh; both count here.
 */
export function revocationPlaces(scope: TokenScope): readonly (SecretPlace & { readonly name: string })[] {
  if (scope.kind !== 'dataplane') return [{ type: 'GlobalSecret', mesh: '', name: revocationNames[scope.kind] }];
  const name = revocationNames.dataplane(scope.mesh);
  return [
    { type: 'GlobalSecret', mesh: '', name },
    { type: 'Secret', mesh: scope.mesh, name },
  ];
}

/** Map key of a scope. */
export function scopeString(scope: TokenScope): string {
  return scope.kind === 'dataplane' ? `dataplane/${scope.mesh}` : scope.kind;
}
