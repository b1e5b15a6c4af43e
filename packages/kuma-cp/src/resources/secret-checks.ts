import type { Mesh } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import type { Problem, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { secretsOfBackend } from './mesh-checks.ts';

/** Why a secret cannot be deleted: a certificate authority of its mesh needs it. */
export function secretInUseProblems(secret: ResourceKey, mesh: Mesh | undefined): readonly Problem[] {
  return (mesh?.mtls?.backends ?? [])
    .filter((backend) => secretsOfBackend(secret.mesh, backend).includes(secret.name))
    .map(({ name }) => ({
      field: 'name',
      reason: `the secret "${secret.name}" is in use by the mTLS backend "${name}" of mesh "${secret.mesh}"; remove the backend first`,
    }));
}
