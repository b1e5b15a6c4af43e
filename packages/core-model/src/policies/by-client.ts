import type { RouteIr, SpiffeIdIr } from '../ir/index.ts';
import { mergeConfs } from '../rules/merge.ts';
import type { InboundRules } from '../rules/proxy-rules.ts';
import { leastSpecificFirst } from './client-items.ts';
import { exactness, spiffeIdOf } from './client-match.ts';
import type { MeshView } from './policy.ts';

/** What holds for some clients, all that is said of them merged. */
export interface ClientConf<Conf> {
  readonly client: SpiffeIdIr;
  readonly conf: Conf;
}

/**
 * What an inbound's rules with `matches` come to, the most specific clients first: what is said of everyone, then of every
 * prefix that they have, then of their exact id. A client with several services has several ids: of equally specific ones
 * that of the last statement comes first. Without mutual TLS nobody can be known to be any of them.
 */
export function confsByClient<Conf>({ items, merged }: InboundRules<Conf>, { tls }: MeshView): readonly ClientConf<Conf>[] {
  const said = leastSpecificFirst(items).flatMap(({ item, match }): ClientConf<Conf>[] => {
    const client = tls === 'off' || match === undefined ? undefined : spiffeIdOf(match);
    return client ? [{ client, conf: item.conf as Conf }] : [];
  });
  const common = said.length > 0 && merged ? [merged.conf] : [];
  return distinct(said.map(({ client }) => client).toReversed()).map((client) => {
    const ofClient = said.filter((other) => includes(other.client, client)).map(({ conf }) => conf);
    return { client, conf: mergeConfs([...common, ...ofClient]) };
  });
}

/**
 * Gives each group of clients a route of its own, before the one for all. Groups that have one already keep it: who is in
 * several meets what was said of each.
 * @param routes of an inbound: they differ in their clients alone, the most specific first, the one for all last
 */
export function routesByClient<Conf>(
  routes: readonly RouteIr[],
  confs: readonly ClientConf<Conf>[],
  apply: (route: RouteIr, conf: Conf) => RouteIr,
): readonly RouteIr[] {
  if (confs.length === 0) return routes;
  const clients = [...confs.map(({ client }) => client), ...routes.flatMap(({ match }) => match.client ?? [])];
  const own = distinct(clients).map((client) => {
    const conf = confs.find((other) => includes(other.client, client))?.conf;
    const route = routeFor(client, routes);
    return conf === undefined ? route : apply(route, conf);
  });
  return [...own, ...routes.filter(({ match }) => match.client === undefined)];
}

/** The most specific one that takes their requests, for them alone. */
function routeFor(client: SpiffeIdIr, routes: readonly RouteIr[]): RouteIr {
  const taking = routes.find(({ match }) => match.client === undefined || includes(match.client, client))!;
  if (taking.match.client && keyOf(taking.match.client) === keyOf(client)) return taking;
  return { ...taking, match: { ...taking.match, client } };
}

/** Most specific first, and equally specific ones as they come. */
function distinct(clients: readonly SpiffeIdIr[]): readonly SpiffeIdIr[] {
  const byKey = new Map(clients.map((client) => [keyOf(client), client]));
  return [...byKey.values()].sort((a, b) => exactness(b) - exactness(a));
}

/** No id has a star. */
function keyOf({ match, value }: SpiffeIdIr): string {
  return match === 'exact' ? value : `${value}*`;
}

/** Whether whoever is one of `others` is one of `clients`. */
export function includes(clients: SpiffeIdIr, others: SpiffeIdIr): boolean {
  return clients.match === 'prefix' ? others.value.startsWith(clients.value) : keyOf(clients) === keyOf(others);
}
