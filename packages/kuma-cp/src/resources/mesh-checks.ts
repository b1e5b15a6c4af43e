import type { Mesh, Mesh_CertificateAuthorityBackend } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import { caBackendProblems, providedCaConf } from '@kuma-mesh/core-model/resources/mesh/ca-backends.ts';
import type { Problem, ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type { ResourceStore } from '../store/store.ts';
import { signingPairProblems } from './ca-pair.ts';
import { loadDataSource } from './data-source.ts';

/** What the store says against a mesh that is valid by itself. */
export async function meshProblems(
  mesh: ResourceDraft<Mesh>,
  before: Mesh | undefined,
  store: ResourceStore,
): Promise<readonly Problem[]> {
  const backends = mesh.spec.mtls?.backends ?? [];
  const perBackend = await Promise.all(
    backends.map((backend, index) =>
      backend.type === 'provided' && caBackendProblems('', backend).length === 0
        ? providedCaProblems(mesh.name, backend, `mtls.backends[${index}].conf`, store)
        : [],
    ),
  );
  return [...backendSwitchProblems(mesh.spec, before), ...perBackend.flat()];
}

/** Proxies trust one CA at a time: a switch under running proxies would cut them off from each other. */
function backendSwitchProblems({ mtls }: Mesh, before: Mesh | undefined): readonly Problem[] {
  const from = before?.mtls?.enabledBackend;
  const to = mtls?.enabledBackend;
  if (!from || !to || from === to || mtls.skipValidation) return [];
  const reason = `cannot change from "${from}" to "${to}" while mutual TLS is on; turn it off first, or set mtls.skipValidation`;
  return [{ field: 'mtls.enabledBackend', reason }];
}

async function providedCaProblems(
  mesh: string,
  backend: Mesh_CertificateAuthorityBackend,
  field: string,
  store: ResourceStore,
): Promise<readonly Problem[]> {
  const { cert, key } = providedCaConf(backend);
  const [loadedCert, loadedKey] = await Promise.all([loadDataSource(cert, mesh, store), loadDataSource(key, mesh, store)]);
  if (!loadedCert.ok || !loadedKey.ok) {
    return [
      ...(loadedCert.ok ? [] : [{ field: `${field}.cert`, reason: loadedCert.reason }]),
      ...(loadedKey.ok ? [] : [{ field: `${field}.key`, reason: loadedKey.reason }]),
    ];
  }
  return signingPairProblems(loadedCert.bytes, loadedKey.bytes).map(({ part, reason }) => ({
    field: `${field}.${part}`,
    reason,
  }));
}

/** Names of the secrets that a backend of `mesh` cannot do without. */
export function secretsOfBackend(mesh: string, backend: Mesh_CertificateAuthorityBackend): readonly string[] {
  if (backend.type === 'builtin') return Object.values(builtinCaSecretNames(mesh, backend.name ?? ''));
  const { cert, key } = providedCaConf(backend);
  return [cert, key].flatMap((source) => (source.kind === 'secret' ? [source.name] : []));
}

/** Secrets in which a `builtin` backend keeps its CA. */
export function builtinCaSecretNames(mesh: string, backend: string): { readonly cert: string; readonly key: string } {
  return { cert: `${mesh}.ca-builtin-cert-${backend}`, key: `${mesh}.ca-builtin-key-${backend}` };
}
