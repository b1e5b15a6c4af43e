import type { Mesh } from '../generated/types/kuma/mesh.ts';
import type { Resource } from '../resources/resource.ts';
import type { PolicySpec } from '../target-ref/policy-spec.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';

export type MutualTls = 'off' | 'strict' | 'permissive';

/** What the Mesh says of mutual TLS between its proxies. */
export function mutualTls(mesh: Resource<Mesh> | undefined): MutualTls {
  const { enabledBackend, backends = [] } = mesh?.spec.mtls ?? {};
  const backend = enabledBackend ? backends.find(({ name }) => name === enabledBackend) : undefined;
  if (backend === undefined) return 'off';
  return backend.mode === 'PERMISSIVE' ? 'permissive' : 'strict';
}

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

/** That rules for clients with an identity are for nobody in a mesh without mutual TLS. */
export function identityWarnings({ resource }: MeshSnapshot, { rules = [] }: PolicySpec): string[] {
  if (resource?.spec.mtls?.enabledBackend) return [];
  return rules.flatMap(({ matches }, i) =>
    matches?.length ? [`field 'spec.rules[${i}].matches' matches nobody now: without mutual TLS no client has an identity`] : [],
  );
}
