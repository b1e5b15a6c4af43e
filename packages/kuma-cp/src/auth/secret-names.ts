/** Names of the secrets that hold signing keys: `<prefix><kid>`. A dataplane's live in its mesh, the others are global. */
export const signingKeyPrefixes = {
  dataplane: (mesh: string) => `dataplane-token-signing-key-${mesh}-`,
  zone: 'zone-token-signing-key-',
  user: 'user-token-signing-key-',
} as const;

/** Names of the secrets that hold revoked token ids, comma separated. */
export const revocationNames = {
  dataplane: (mesh: string) => `dataplane-token-revocations-${mesh}`,
  zone: 'zone-token-revocations',
  user: 'user-token-revocations',
} as const;

export const adminUserTokenName = 'admin-user-token';
