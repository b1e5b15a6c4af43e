import type { Mesh } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';

/** Makes what a mesh's certificate authorities need; implemented by `identity/`. */
export interface CaProvisioner {
  /**
   * Secrets that the mesh's `builtin` backends need and that are not stored yet: certificate and key of each new CA.
   * They are written together with the mesh, so that no proxy ever sees one without the other.
   */
  ensure(mesh: ResourceDraft<Mesh>): Promise<readonly ResourceDraft[]>;
}
