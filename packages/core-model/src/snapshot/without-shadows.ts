import { byIdentity } from '../memo/by-identity.ts';
import { isShadow } from '../target-ref/shadow.ts';
import { applyChanges } from './apply-changes.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';

/** The mesh as its proxies have it: without the policies that change nothing. */
export const withoutShadows: (snapshot: MeshSnapshot) => MeshSnapshot = byIdentity((snapshot) => {
  const shadows = [...snapshot.policies.values()].flat().filter(isShadow);
  return shadows.length === 0
    ? snapshot
    : applyChanges(
        snapshot,
        shadows.map((before) => ({ before })),
      ).snapshot;
});
