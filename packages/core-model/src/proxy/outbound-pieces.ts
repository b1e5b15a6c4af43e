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
import type { ServiceDestination } from '../rules/destination.ts';
import { type Effective, originsOf } from '../rules/effective.ts';
import { type Shaped, shaped } from './shaped.ts';

/*
 * The pieces of an outbound. Each is made once for all proxies of the mesh for which policies say the same, be they others.
 */

/** Rules of a destination or of a route to it, aligned with the list of policies. */
export type RulesByPolicy = readonly (Effective<never> | undefined)[];

/**
 * The same without who says it: configurations alone, but for the policies that spread traffic, which ask for more. One
 * object wherever the same is said.
 */
export type SaidByPolicy = readonly unknown[];

export function saidBy(rules: RulesByPolicy, memo: Memo): SaidByPolicy {
  return memo.once('said', [rules], () => memo.intern(rules.map((rule, i) => (spreads[i] ? rule : rule?.conf))));
}

/** Which policies have a say in how traffic is spread. */
export const spreads: readonly boolean[] = policies.map(
  ({ outbound }) => (outbound?.httpRoutes ?? outbound?.tcpBackends) !== undefined,
);

/** Secrets that a proxy shows and trusts. */
export interface SecretNames {
  readonly identity: string;
  readonly ca: string;
}

export function clusterName({ service, tags }: ServiceDestination): string {
  const narrowing = tagsKey(tags);
  return narrowing === '' ? service : subsetName(service, narrowing);
}

export function destinationCluster(
  said: SaidByPolicy,
  about: DestinationView,
  secrets: SecretNames,
  memo: Memo,
): Shaped<ClusterIr> {
  const { destination, mesh, protocol } = about;
  const name = clusterName(destination);
  const confs = confsFor('cluster', said, memo);
  return memo.once('destination cluster', [confs, about, secrets.identity, secrets.ca], () =>
    shaped<ClusterIr>(
      {
        name,
        role: 'destination',
        discovery: { kind: 'endpoints', name, of: { service: destination.service, tags: destination.tags } },
        protocol,
        timeouts: {},
        ...(about.tls !== 'off' && { tls: upstreamTls(mesh, destination, secrets) }),
      },
      (cluster, i) => hooked(cluster, policies[i]!.outbound?.cluster, confs[i], about),
      memo,
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

export function outboundHttp(said: SaidByPolicy, about: DestinationView, routeConfig: string, memo: Memo): Shaped<HttpHandlerIr> {
  const confs = confsFor('http', said, memo);
  return memo.once('outbound http', [confs, about, routeConfig], () =>
    shaped<HttpHandlerIr>(
      {
        kind: 'http',
        protocol: about.protocol,
        statPrefix: about.destination.service,
        routeConfig,
        forwardClientCertificate: false,
        timeouts: {},
        filters: [],
      },
      (handler, i) => hooked(handler, policies[i]!.outbound?.http, confs[i], about),
      memo,
    ),
  );
}

export function outboundTcp(
  said: SaidByPolicy,
  about: DestinationView,
  clusters: TcpHandlerIr['clusters'],
  memo: Memo,
): Shaped<TcpHandlerIr> {
  const confs = confsFor('tcp', said, memo);
  const spread = clusters.flatMap(({ cluster, weight }) => [cluster, weight]);
  return memo.once('outbound tcp', [confs, about, ...spread], () =>
    shaped<TcpHandlerIr>(
      { kind: 'tcp', statPrefix: about.destination.service, clusters, filters: [] },
      (handler, i) => hooked(handler, policies[i]!.outbound?.tcp, confs[i], about),
      memo,
    ),
  );
}

/** What shapes routes. */
export function routeConfs(said: SaidByPolicy, memo: Memo): readonly unknown[] {
  return confsFor('route', said, memo);
}

/**
 * @param route always the same object for the same route, whose destination it is of
 * @param confs of the route, and of all the traffic to its destination
 */
export function outboundRoute(
  route: RouteIr,
  { confs, ofAll }: { readonly confs: readonly unknown[]; readonly ofAll: readonly unknown[] },
  about: DestinationView,
  memo: Memo,
): Shaped<RouteIr> {
  const view = (i: number) => ({ ...about, ofRoute: confs[i] !== ofAll[i] });
  return memo.once('outbound route', [route, confs, ofAll], () =>
    shaped(route, (made, i) => hooked(made, policies[i]!.outbound?.route, confs[i], view(i)), memo),
  );
}

/** Policies that shaped a piece, in order. */
export function originsOfShaped({ by }: Pick<Shaped<unknown>, 'by'>, rules: RulesByPolicy): readonly Origin[] {
  return by.flatMap((place) => originsOf(rules[place]));
}

/** What shapes one kind of piece; a change of the rest must not make the piece a new object. */
function confsFor(hook: 'cluster' | 'http' | 'tcp' | 'route', said: SaidByPolicy, memo: Memo): readonly unknown[] {
  return memo.intern(said.map((conf, i) => (policies[i]!.outbound?.[hook] ? conf : undefined)));
}

type Hook<Piece, View> = (piece: Piece, conf: never, about: View) => Piece;

function hooked<Piece, View>(piece: Piece, hook: Hook<Piece, View> | undefined, conf: unknown, about: View): Piece {
  return hook === undefined || conf === undefined ? piece : hook(piece, conf as never, about);
}
