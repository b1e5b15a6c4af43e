import type { MeshProxyPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { buildProxy } from '@kuma-mesh/core-model/proxy/index.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { type MeshSnapshot, selectedProxies } from '@kuma-mesh/core-model/snapshot/index.ts';
import type { PolicySpec } from '@kuma-mesh/core-model/target-ref/policy-spec.ts';
import { encodeProxy } from '@kuma-mesh/xds-encode/index.ts';
import { type Unpatched, unmatchedWarnings } from '@kuma-mesh/xds-encode/patches/unmatched.ts';
import { unseenInput } from '../pipeline/proxy-input.ts';
import type { InspectedMeshes } from './inspection/inspected-meshes.ts';

/** A proxy takes some milliseconds. */
const mostProxies = 20;

/** What of a MeshProxyPatch changes nothing at the proxies that it selects, where these are few enough to look at each. */
export function unmatchedPatches(
  snapshot: MeshSnapshot,
  policy: ResourceDraft<PolicySpec>,
  { meshes, zone }: { readonly meshes: InspectedMeshes; readonly zone: string },
): readonly string[] {
  if (policy.type !== 'MeshProxyPatch') return [];
  const others = (snapshot.policies.get(policy.type) ?? []).filter(({ name }) => name !== policy.name);
  const without = { ...snapshot, policies: new Map(snapshot.policies).set(policy.type, others) };
  const names = [...selectedProxies(without, policy)];
  if (names.length > mostProxies) return [];
  function* selected(): Iterable<Unpatched> {
    for (const name of names) {
      const input = meshes.connected({ mesh: policy.mesh, name })?.input ?? unseenInput(zone);
      const ir = buildProxy(without, { ...input, dataplane: without.dataplanes.get(name)! });
      yield { ir, encoded: encodeProxy(ir) };
    }
  }
  return unmatchedWarnings(policy.spec as MeshProxyPatch, selected());
}
