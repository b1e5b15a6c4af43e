import type { ClusterIr, PassthroughListenerIr, ProxyNames } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { originalCluster } from '../policies/mesh-passthrough/passing.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { ProxyInput } from './proxy-input.ts';

/** Sidecars that take their outbounds at addresses of their own: nothing is redirected. */
const bindOutboundsFeature = 'feature-bind-outbounds';

const everywhere = { ipv4: '0.0.0.0', ipv6: '::' } as const;

export interface TransparentParts {
  readonly listeners: readonly PassthroughListenerIr[];
  readonly clusters: readonly ClusterIr[];
}

const nothing: TransparentParts = Object.freeze({ listeners: Object.freeze([]), clusters: Object.freeze([]) });

/**
 * Takes the connections that the host redirects and that are for no destination in the mesh.
 * @param passes whether the mesh lets them pass
 */
export function transparentParts(
  { dataplane, features }: ProxyInput,
  { passes, names, memo }: { readonly passes: boolean; readonly names: ProxyNames; readonly memo: Memo },
): TransparentParts {
  const { redirectPortOutbound: port, ipFamilyMode } = dataplane.spec.networking?.transparentProxying ?? {};
  if (!port || features.has(bindOutboundsFeature)) return nothing;
  const families = ipFamilyMode === 'IPv4' ? (['ipv4'] as const) : (['ipv4', 'ipv6'] as const);
  const listeners = families.map((family) => {
    const name = names.outboundPassthrough(family);
    return memo.once<PassthroughListenerIr>('passthrough listener', [name, port, passes], () =>
      deepFreeze({
        kind: 'passthrough',
        name,
        address: { address: everywhere[family], port },
        passes: passes ? { kind: 'all', cluster: name } : { kind: 'none' },
      }),
    );
  });
  const clusters = listeners.map(({ name }) => memo.once('passthrough cluster', [name], () => deepFreeze(originalCluster(name))));
  return { listeners: memo.intern(listeners), clusters: passes ? memo.intern(clusters) : [] };
}
