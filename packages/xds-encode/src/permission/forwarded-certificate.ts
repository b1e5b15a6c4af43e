/**
 * Matchers of routes see the request and nothing of its connection. This header is as good: the listener replaces it with
 * what the client's certificate says, `By=...;Hash=...;URI=spiffe://default/web;URI=kuma://version/v1`.
 */
export const forwardedCertificate = 'x-forwarded-client-cert';

/** The header's whole value where one of the client's URI SANs matches the pattern. */
export function forwardingUri(pattern: string): string {
  return `.*;URI=${pattern}(;.*)?`;
}
