import { senderTagsHeader } from '../dataplane/sender-tags.ts';
import type { ClusterIr, DownstreamTlsIr, HttpHandlerIr, MutualTlsIr, Origin, RouteConfigIr, TcpHandlerIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { InboundView } from '../policies/policy.ts';
import { irOrigin } from '../rules/effective.ts';
import type { InboundRules } from '../rules/proxy-rules.ts';
import { type Shaped, shaped } from './shaped.ts';

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

function rulesUsedBy(hookName: HookName, { byPolicy, memo }: Applied): UsedRules {
  return memo.once('rules used', [byPolicy, hookName], () =>
    memo.intern(byPolicy.map((rules, i) => (policies[i]!.inbound?.[hookName] ? rules : undefined))),
  );
}

/** Every policy's hook in turn, each on what the one before it made. */
function applyAll<Piece extends object>(
  piece: Piece,
  hookName: HookName,
  used: UsedRules,
  { about, memo }: Applied,
): Shaped<Piece> {
  const step = (made: Piece, i: number) => {
    const hook = policies[i]!.inbound?.[hookName] as unknown as Hook<Piece> | undefined;
    return hook === undefined || used[i] === undefined ? made : hook(made, used[i], about);
  };
  return shaped(piece, step, memo);
}

type HookName = 'cluster' | 'http' | 'tcp' | 'routes' | 'tls';
type Hook<Piece> = (piece: Piece, rules: InboundRules<never>, about: InboundView) => Piece;

/** Policies that shaped a piece, in order. */
export function originsOfShaped({ by }: Shaped<unknown>, { byPolicy }: Applied): readonly Origin[] {
  return by.flatMap((place) => byPolicy[place]!.items.map(({ origin }) => irOrigin(origin)));
}

export function applicationCluster(
  { name, altStatName, address }: { name: string; altStatName: string | undefined; address: { address: string; port: number } },
  applied: Applied,
): Shaped<ClusterIr> {
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
      },
      'cluster',
      used,
      applied,
    ),
  );
}

export function inboundTls(tls: DownstreamTlsIr, applied: Applied): Shaped<DownstreamTlsIr> {
  if (tls.kind === 'none') return { piece: tls, by: [] };
  const { about, memo } = applied;
  const used = rulesUsedBy('tls', applied);
  return memo.once('inbound tls', [used, about, tls], () => applyAll<MutualTlsIr>(tls, 'tls', used, applied));
}

export function inboundRoutes(
  { name, host, cluster }: { name: string; host: string; cluster: string },
  applied: Applied,
): Shaped<RouteConfigIr> {
  const { about, memo } = applied;
  const used = rulesUsedBy('routes', applied);
  return memo.once('inbound routes', [used, about, name, host, cluster], () =>
    applyAll<RouteConfigIr>(
      {
        name,
        host,
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
          },
        ],
        stripRequestHeaders: [senderTagsHeader],
        setRequestHeaders: [],
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
): Shaped<HttpHandlerIr> {
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

export function tcpHandler(
  { statPrefix, cluster }: { statPrefix: string; cluster: string },
  applied: Applied,
): Shaped<TcpHandlerIr> {
  const { about, memo } = applied;
  const used = rulesUsedBy('tcp', applied);
  return memo.once('inbound tcp', [used, about, statPrefix, cluster], () =>
    applyAll<TcpHandlerIr>({ kind: 'tcp', statPrefix, clusters: [{ cluster, weight: 1 }], filters: [] }, 'tcp', used, applied),
  );
}
