import type { MeshSnapshot } from './mesh-snapshot.ts';

const reasons: Readonly<Record<string, string>> = {
  MeshTrafficPermission: 'clients cannot be told apart',
  MeshTLS: 'proxies speak plain text',
};

/** That policies of a kind have no effect in a mesh without mutual TLS, and why. */
export function mutualTlsWarnings({ resource }: MeshSnapshot, kind: string): string[] {
  const reason = reasons[kind];
  if (reason === undefined || resource?.spec.mtls?.enabledBackend) return [];
  return [`The mesh has no mutual TLS, so that this policy has no effect: ${reason}`];
}
