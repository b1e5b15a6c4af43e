import { senderTagsHeader } from '../dataplane/sender-tags.ts';
import type { ClusterIr, DownstreamTlsIr, HttpHandlerIr, MutualTlsIr, Origin, RouteConfigIr, TcpHandlerIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { InboundView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import { irOrigin } from '../rules/effective.ts';
import type { InboundRules } from '../rules/proxy-rules.ts';

/*
 * The pieces of an inbound. Each is made once for all inbounds of the mesh with equal inputs.
 */

export interface Applied {
  readonly about: InboundView;
  readonly byPolicy: readonly InboundRules<never>[];
  readonly memo: Memo;
}

/** Rules that shape one kind of piece; a change of others must not make the piece a new object. */
type UsedRules = readonly (InboundRules<never> | undefined)[];

export function rulesUsedBy(hookName: HookName, { byPolicy, memo }: Applied): UsedRules {
  return memo.once('rules used', [byPolicy, hookName], () =>
    memo.intern(byPolicy.map((rules, i) => (policies[i]!.inbound?.[hookName] ? rules : undefined))),
  );
}

/** Every policy's hook in turn, each on what the one before it made. */
function applyAll<Piece extends object>(piece: Piece, hookName: HookName, used: UsedRules, { about, memo }: Applied): Piece {
  let made = piece;
  policies.forEach((policy, i) => {
    const rules = used[i];
    const hook = policy.inbound?.[hookName] as unknown as Hook<Piece> | undefined;
    const next = (rules && hook?.(made, rules, about)) ?? made;
    if (rules && next !== made) made = withOrigins(next, rules);
  });
  return memo.sameContent(deepFreeze(made));
}

type HookName = 'cluster' | 'http' | 'tcp' | 'routes' | 'tls';
type Hook<Piece> = (piece: Piece, rules: InboundRules<never>, about: InboundView) => Piece;

function withOrigins<Piece extends object>(piece: Piece, rules: InboundRules): Piece {
  if (!('origins' in piece)) return piece;
  return { ...piece, origins: [...(piece.origins as readonly Origin[]), ...originsOfItems(rules)] };
}

export function originsOfItems({ items }: InboundRules): readonly Origin[] {
  return items.map(({ origin }) => irOrigin(origin));
}

export function applicationCluster(
  { name, altStatName, address }: { name: string; altStatName: string | undefined; address: { address: string; port: number } },
  applied: Applied,
): ClusterIr {
  const { about, memo } = applied;
  const used = rulesUsedBy('cluster', applied);
  return memo.once('application', [used, about, name, address.address, address.port], () =>
    applyAll<ClusterIr>(
      {
        name,
        ...(altStatName !== undefined && { altStatName }),
        role: 'application',
        discovery: { kind: 'static', address },
        protocol: about.protocol,
        timeouts: {},
        origins: [],
      },
      'cluster',
      used,
      applied,
    ),
  );
}

export function inboundTls(tls: DownstreamTlsIr, applied: Applied): DownstreamTlsIr {
  if (tls.kind === 'none') return tls;
  const { about, memo } = applied;
  const used = rulesUsedBy('tls', applied);
  return memo.once('inbound tls', [used, about, tls], () => applyAll<MutualTlsIr>(tls, 'tls', used, applied));
}

export function inboundRoutes({ name, cluster }: { name: string; cluster: string }, applied: Applied): RouteConfigIr {
  const { about, memo } = applied;
  const used = rulesUsedBy('routes', applied);
  return memo.once('inbound routes', [used, about, name, cluster], () =>
    applyAll<RouteConfigIr>(
      {
        name,
        direction: 'inbound',
        domains: ['*'],
        routes: [
          {
            name: '/',
            match: { path: { kind: 'prefix', value: '/' }, headers: [], queryParams: [] },
            // An application may take as long as its callers let it: the timeout is theirs.
            action: { kind: 'forward', clusters: [{ cluster, weight: 1 }], timeouts: { request: 0 }, mirrors: [] },
            requestHeaders: { set: [], add: [], remove: [] },
            responseHeaders: { set: [], add: [], remove: [] },
            origins: [],
          },
        ],
        stripRequestHeaders: [senderTagsHeader],
        setRequestHeaders: [],
        origins: [],
      },
      'routes',
      used,
      applied,
    ),
  );
}

export function httpHandler(
  { statPrefix, routeConfig }: { statPrefix: string; routeConfig: string },
  applied: Applied,
): HttpHandlerIr {
  const { about, memo } = applied;
  const used = rulesUsedBy('http', applied);
  return memo.once('inbound http', [used, about, statPrefix, routeConfig], () =>
    applyAll<HttpHandlerIr>(
      {
        kind: 'http',
        protocol: about.protocol,
        statPrefix,
        routeConfig,
        forwardClientCertificate: about.tls !== 'off',
        timeouts: {},
        filters: policies.flatMap(({ inbound }) => inbound?.httpFilters?.(about) ?? []),
      },
      'http',
      used,
      applied,
    ),
  );
}

export function tcpHandler({ statPrefix, cluster }: { statPrefix: string; cluster: string }, applied: Applied): TcpHandlerIr {
  const { about, memo } = applied;
  const used = rulesUsedBy('tcp', applied);
  return memo.once('inbound tcp', [used, about, statPrefix, cluster], () =>
    applyAll<TcpHandlerIr>({ kind: 'tcp', statPrefix, clusters: [{ cluster, weight: 1 }], filters: [] }, 'tcp', used, applied),
  );
}
