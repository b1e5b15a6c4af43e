/** The URI SAN that says a tag: the service is the SPIFFE id, every other tag has a URI of its own in the certificate. */
export function tagUri({ tag, value, mesh }: { readonly tag: string; readonly value: string; readonly mesh: string }): string {
  return tag === 'kuma.io/service' ? `spiffe://${mesh}/${value}` : `kuma://${tag}/${value}`;
}
