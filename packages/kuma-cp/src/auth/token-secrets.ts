import type { ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { ResourceStore } from '../store/store.ts';
import { type KeyRing, keyId, readKeyRing } from './key-ring.ts';
import { revocationPlaces, scopeString, signingKeyPlace, type TokenScope } from './token-scope.ts';

/** What verification of one scope's tokens stands on. Replaced as a whole when a secret of the scope changes. */
export interface TokenSecrets {
  readonly keys: KeyRing;
  /** Ids (`jti`) of revoked tokens. */
  readonly revoked: ReadonlySet<string>;
}

export interface TokenSecretsSource {
  /** The secrets as of now; read from the store once until they change. */
  of(scope: TokenScope): Promise<TokenSecrets>;
  close(): void;
}

interface Entry {
  readonly scope: TokenScope;
  readonly secrets: Promise<TokenSecrets>;
}

/**
 * Keeps each scope's secrets in memory, and drops them when the store's feed shows a change to one of them.
 * The entry stands before its reading begins, so that a change during the reading drops it as well.
 */
export function watchTokenSecrets(
  store: ResourceStore,
  onUnreadableKey: (secret: { readonly mesh: string; readonly name: string }) => void,
): TokenSecretsSource {
  const entries = new Map<string, Entry>();
  const unsubscribe = store.subscribe((changes) => {
    for (const { key } of changes) {
      if (key.type !== 'Secret' && key.type !== 'GlobalSecret') continue;
      for (const [id, { scope }] of entries) if (belongsTo(key, scope)) entries.delete(id);
    }
  });

  const read = async (scope: TokenScope): Promise<TokenSecrets> => {
    const { type, mesh, prefix } = signingKeyPlace(scope);
    const [secrets, ...revocations] = await Promise.all([
      store.list(mesh ? { type, mesh } : { type }),
      ...revocationPlaces(scope).map((place) => store.get(place)),
    ]);
    return {
      keys: readKeyRing(secrets, prefix, (name) => onUnreadableKey({ mesh, name })),
      revoked: new Set(revocations.flatMap((secret) => (secret ? readRevocations(secret.spec) : []))),
    };
  };

  return {
    of(scope) {
      const id = scopeString(scope);
      const known = entries.get(id);
      if (known) return known.secrets;
      const secrets = read(scope);
      const entry = { scope, secrets };
      entries.set(id, entry);
      // A mesh that does not exist must not occupy memory, and a failed reading is tried again.
      const drop = () => {
        if (entries.get(id) === entry) entries.delete(id);
      };
      secrets.then(({ keys }) => keys.signing ?? drop(), drop);
      return secrets;
    },
    close: unsubscribe,
  };
}

function belongsTo(key: ResourceKey, scope: TokenScope): boolean {
  const keys = signingKeyPlace(scope);
  if (key.type === keys.type && key.mesh === keys.mesh && keyId(key.name, keys.prefix) !== undefined) return true;
  return revocationPlaces(scope).some((place) => place.type === key.type && place.mesh === key.mesh && place.name === key.name);
}

function readRevocations(spec: unknown): readonly string[] {
  const { data } = spec as { readonly data?: string };
  return Buffer.from(data ?? '', 'base64')
    .toString('utf8')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}
