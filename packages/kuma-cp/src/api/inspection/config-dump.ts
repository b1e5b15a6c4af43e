/**
 * Envoy blanks keys in what it shows of its configuration, but not the metadata of its calls: there stands the token
 * with which a proxy signs in, and whoever may look at a proxy could otherwise pass for it.
 */
export function withoutCredentials(configDump: string): string {
  return JSON.stringify(JSON.parse(configDump, blankCredential), undefined, 1);
}

function blankCredential(_: string, value: unknown): unknown {
  return isAuthorization(value) ? { ...value, value: '[redacted]' } : value;
}

function isAuthorization(value: unknown): value is { readonly key: string } {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('value' in value)) return false;
  return typeof value.key === 'string' && value.key.toLowerCase() === 'authorization';
}
