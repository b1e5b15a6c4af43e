import { setImmediate } from 'node:timers/promises';
import type { MeshProxyPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { buildProxy, Memo } from '@kuma-mesh/core-model/proxy/index.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { type MeshSnapshot, selectedProxies } from '@kuma-mesh/core-model/snapshot/index.ts';
import type { PolicySpec } from '@kuma-mesh/core-model/target-ref/policy-spec.ts';
import { encodeProxy } from '@kuma-mesh/xds-encode/index.ts';
import { type Unpatched, unmatchedWarnings } from '@kuma-mesh/xds-encode/patches/unmatched.ts';
import { unseenInput } from '../pipeline/proxy-input.ts';
import type { InspectedMeshes } from './inspection/inspected-meshes.ts';

/** A proxy takes about a millisecond, and whoever wrote the patch waits for as many as have nothing for it. */
const mostProxies = 1000;

/** What of a MeshProxyPatch changes nothing at the proxies that it selects. */
export async function unmatchedPatches(
  snapshot: MeshSnapshot,
  policy: ResourceDraft<PolicySpec>,
  { meshes, zone }: { readonly meshes: InspectedMeshes; readonly zone: string },
): Promise<readonly string[]> {
  if (policy.type !== 'MeshProxyPatch') return [];
  const others = (snapshot.policies.get(policy.type) ?? []).filter(({ name }) => name !== policy.name);
  const without = { ...snapshot, policies: new Map(snapshot.policies).set(policy.type, others) };
  async function* selected(): AsyncIterable<Unpatched> {
    const memo = new Memo();
    let looked = 0;
    for (const name of selectedProxies(without, policy)) {
      if (looked++ === mostProxies) return;
      // Everything else of the process has its turn between them.
      await setImmediate();
      const input = meshes.connected({ mesh: policy.mesh, name })?.input ?? unseenInput(zone);
      const ir = buildProxy(without, { ...input, dataplane: without.dataplanes.get(name)! }, memo);
      yield { ir, encoded: encodeProxy(ir) };
    }
  }
  return unmatchedWarnings(policy.spec as MeshProxyPatch, selected());
}
