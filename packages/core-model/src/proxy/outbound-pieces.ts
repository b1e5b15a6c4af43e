import { tagsKey } from '../dataplane/tags.ts';
import {
  type ClusterIr,
  type HttpHandlerIr,
  type Origin,
  type RouteIr,
  serverName,
  spiffeId,
  subsetName,
  type TcpHandlerIr,
  type UpstreamTlsIr,
} from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { policies } from '../policies/index.ts';
import type { DestinationView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { ServiceDestination } from '../rules/destination.ts';
import { type Effective, originsOf } from '../rules/effective.ts';

/*
 * The pieces of an outbound. Each is made once for all proxies of the mesh with equal inputs.
 */

/** What policies say of a destination, aligned with the list of policies. */
export type RulesByPolicy = readonly (Effective<never> | undefined)[];

/** Secrets that a proxy shows and trusts. */
export interface SecretNames {
  readonly identity: string;
  readonly ca: string;
}

export function clusterName({ service, tags }: ServiceDestination): string {
  const narrowing = tagsKey(tags);
  return narrowing === '' ? service : subsetName(service, narrowing);
}

export function destinationCluster(rules: RulesByPolicy, about: DestinationView, secrets: SecretNames, memo: Memo): ClusterIr {
  const { destination, mesh, protocol } = about;
  const name = clusterName(destination);
  const used = rulesUsedBy('cluster', rules, memo);
  return memo.once('destination cluster', [used, about, secrets.identity, secrets.ca], () =>
    memo.sameContent(
      applyAll<ClusterIr>(
        {
          name,
          role: 'destination',
          discovery: { kind: 'endpoints', name, of: { service: destination.service, tags: destination.tags } },
          protocol,
          timeouts: {},
          ...(about.tls !== 'off' && { tls: upstreamTls(mesh, destination, secrets) }),
          origins: [],
        },
        'cluster',
        used,
        about,
      ),
    ),
  );
}

function upstreamTls(mesh: string, { service, tags }: ServiceDestination, { identity, ca }: SecretNames): UpstreamTlsIr {
  return {
    identitySecret: identity,
    caSecret: ca,
    sni: serverName(mesh, service, tags),
    spiffeIds: [spiffeId(mesh, service)],
    alpn: ['kuma'],
  };
}

export function outboundHttp(rules: RulesByPolicy, about: DestinationView, routeConfig: string, memo: Memo): HttpHandlerIr {
  const used = rulesUsedBy('http', rules, memo);
  return memo.once('outbound http', [used, about, routeConfig], () =>
    memo.sameContent(
      applyAll<HttpHandlerIr>(
        {
          kind: 'http',
          protocol: about.protocol,
          statPrefix: about.destination.service,
          routeConfig,
          forwardClientCertificate: false,
          timeouts: {},
          filters: [],
        },
        'http',
        used,
        about,
      ),
    ),
  );
}

export function outboundTcp(
  rules: RulesByPolicy,
  about: DestinationView,
  clusters: TcpHandlerIr['clusters'],
  memo: Memo,
): TcpHandlerIr {
  const used = rulesUsedBy('tcp', rules, memo);
  const spread = clusters.flatMap(({ cluster, weight }) => [cluster, weight]);
  return memo.once('outbound tcp', [used, about, ...spread], () =>
    memo.sameContent(
      applyAll<TcpHandlerIr>({ kind: 'tcp', statPrefix: about.destination.service, clusters, filters: [] }, 'tcp', used, about),
    ),
  );
}

export function outboundRoute(route: RouteIr, rules: RulesByPolicy, about: DestinationView): RouteIr {
  return applyAll(route, 'route', rules, about);
}

/** Rules that shape one kind of piece; a change of others must not make the piece a new object. */
export function rulesUsedBy(hookName: HookName, rules: RulesByPolicy, memo: Memo): RulesByPolicy {
  return memo.intern(rules.map((rule, i) => (policies[i]!.outbound?.[hookName] ? rule : undefined)));
}

/** Every policy's hook in turn, each on what the one before it made. */
function applyAll<Piece extends object>(piece: Piece, hookName: HookName, rules: RulesByPolicy, about: DestinationView): Piece {
  let made = piece;
  policies.forEach((policy, i) => {
    const rule = rules[i];
    const hook = policy.outbound?.[hookName] as unknown as Hook<Piece> | undefined;
    const next = (rule && hook?.(made, rule, about)) ?? made;
    if (next !== made)
      made = 'origins' in next ? { ...next, origins: [...(next.origins as readonly Origin[]), ...originsOf(rule)] } : next;
  });
  return deepFreeze(made);
}

type HookName = 'cluster' | 'http' | 'tcp' | 'route';
type Hook<Piece> = (piece: Piece, rule: Effective<never>, about: DestinationView) => Piece;
