import type { Memo } from '../memo/memo.ts';
import type { MeshView } from '../policies/policy.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { mutualTls } from '../snapshot/mutual-tls.ts';

/** One object for as long as nothing of it changes: edits of a Mesh that shape no proxy change no proxy. */
export function meshView({ mesh, resource }: MeshSnapshot, memo: Memo): MeshView {
  const tls = mutualTls(resource);
  return memo.once('mesh', [mesh, tls], () => Object.freeze({ mesh, tls }));
}

export function meshServicesExclusive({ resource }: MeshSnapshot): boolean {
  return resource?.spec.meshServices?.mode === 'Exclusive';
}

/** Whether traffic to places outside the mesh passes where no policy says. */
export function passesOutside({ resource }: MeshSnapshot): boolean {
  return resource?.spec.networking?.outbound?.passthrough ?? true;
}
