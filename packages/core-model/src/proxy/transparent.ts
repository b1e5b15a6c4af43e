import { redirectPort } from '../dataplane/parts.ts';
import type { ClusterIr, PassthroughListenerIr, PieceOrigins, ProxyNames } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import { originalCluster } from '../policies/mesh-passthrough/passing.ts';
import type { MeshView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import { type Effective, originsOf, pieceOrigins } from '../rules/effective.ts';
import { rulesForAnyDestination } from '../rules/outbound-rules.ts';
import type { ProxyRules } from '../rules/proxy-rules.ts';
import type { ProxyInput } from './proxy-input.ts';
import { shaped } from './shaped.ts';

/** Sidecars that take their outbounds at addresses of their own: nothing is redirected. */
const bindOutboundsFeature = 'feature-bind-outbounds';

const everywhere = { ipv4: '0.0.0.0', ipv6: '::' } as const;

export interface TransparentParts {
  readonly listeners: readonly PassthroughListenerIr[];
  readonly clusters: readonly ClusterIr[];
  /** Where it was asked for. */
  readonly origins: readonly PieceOrigins[];
}

const nothing: TransparentParts = Object.freeze({
  listeners: Object.freeze([]),
  clusters: Object.freeze([]),
  origins: Object.freeze([]),
});

/** Rules of traffic to places outside, aligned with the list of policies. One object for equal rules. */
export type OutsideRules = readonly (Effective | undefined)[];

const noRules: OutsideRules = Object.freeze([]);

/** Of most proxies, to which nothing is redirected, nothing is asked. */
export function outsideRules(input: ProxyInput, { kinds }: ProxyRules, memo: Memo): OutsideRules {
  if (portOfRedirected(input) === undefined) return noRules;
  return memo.intern(
    policies.map(({ kind, outbound }) => (outbound?.outside ? rulesForAnyDestination(kinds.get(kind), memo) : undefined)),
  );
}

export interface TransparentContext {
  /** Whether the mesh lets all pass. */
  readonly passes: boolean;
  readonly rules: OutsideRules;
  readonly mesh: MeshView;
  readonly names: ProxyNames;
  readonly origins: boolean;
  readonly memo: Memo;
}

/** Where Envoy takes what the host redirects; undefined where nothing is redirected to it. */
function portOfRedirected({ dataplane, features }: ProxyInput): number | undefined {
  return features.has(bindOutboundsFeature) ? undefined : redirectPort(dataplane);
}

/** Takes the connections that the host redirects and that are for no destination in the mesh. */
export function transparentParts(
  input: ProxyInput,
  { passes, rules, mesh, names, origins, memo }: TransparentContext,
): TransparentParts {
  const port = portOfRedirected(input);
  if (port === undefined) return nothing;
  const { ipFamilyMode } = input.dataplane.spec.networking?.transparentProxying ?? {};
  const families = ipFamilyMode === 'IPv4' ? (['ipv4'] as const) : (['ipv4', 'ipv6'] as const);
  const confs = memo.intern(rules.map((rule) => rule?.conf));
  const made = families.map((family) => {
    const name = names.outboundPassthrough(family);
    const plain = memo.once<PassthroughListenerIr>('passthrough listener', [name, port, passes], () =>
      deepFreeze({
        kind: 'passthrough',
        name,
        address: { address: everywhere[family], port },
        passes: passes ? { kind: 'all', cluster: name } : { kind: 'none' },
      }),
    );
    return memo.once('shaped passthrough listener', [plain, confs, mesh], () =>
      shaped(
        plain,
        (listener, i) => {
          const hook = policies[i]!.outbound?.outside;
          return hook && confs[i] !== undefined ? hook(listener, confs[i] as never, mesh) : listener;
        },
        memo,
      ),
    );
  });
  const listeners = made.map(({ piece }) => piece);
  const clusters = listeners.map(({ name }) => memo.once('passthrough cluster', [name], () => deepFreeze(originalCluster(name))));
  return {
    listeners: memo.intern(listeners),
    clusters: passes ? memo.intern(clusters) : [],
    origins: origins
      ? made.flatMap(({ piece, by }) => by.flatMap((i) => pieceOrigins('listener', piece.name, originsOf(rules[i]))))
      : [],
  };
}
