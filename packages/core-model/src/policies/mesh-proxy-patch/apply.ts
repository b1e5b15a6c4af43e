import type { MeshProxyPatch_Conf, MeshProxyPatch_Modification } from '../../generated/types/kuma/mesh_proxy_patch.ts';
import type { PatchIr } from '../../ir/index.ts';
import { byIdentity } from '../../memo/by-identity.ts';
import type { JsonValue } from '../../resources/scalars.ts';
import { type Effective, type EffectiveItem, irOrigin } from '../../rules/effective.ts';
import type { Policy } from '../policy.ts';

/** Envoy's configuration changed in Envoy's own words: carried along for the encoder, which applies it last. */
export const meshProxyPatch: Policy<MeshProxyPatch_Conf> = {
  kind: 'MeshProxyPatch',
  merge: { appendModifications: { kind: 'append' } },
  proxy: (proxy, rule) => ({ ...proxy, patches: patchesOf(rule) }),
};

/** One list for all proxies that the same policies select: what they share is patched once. */
const patchesOf: (rule: Effective<MeshProxyPatch_Conf>) => readonly PatchIr[] = byIdentity((rule) =>
  Object.freeze(rule.items.flatMap(patchesIn)),
);

/** The same ones in every list that the policy is part of: they are read once. */
const patchesIn: (item: EffectiveItem<MeshProxyPatch_Conf>) => readonly PatchIr[] = byIdentity(({ conf, origin }) =>
  (conf.appendModifications ?? []).map((modification: MeshProxyPatch_Modification, index) =>
    Object.freeze<PatchIr>({ origin: irOrigin(origin), index, modification: modification as JsonValue }),
  ),
);
