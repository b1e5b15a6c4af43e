import { hash64 } from '../../ir/index.ts';
import { canonicalJson } from '../../rules/merge.ts';
import type { KindRules } from '../../rules/proxy-rules.ts';
import { compare } from '../../target-ref/compare.ts';
import { routeMatch } from './match.ts';
import type { MeshHTTPRoute_Match, Routes } from './routes.ts';

/** The name that the route of a match has in the proxy. */
export function routeName(match: ReturnType<typeof routeMatch>): string {
  return hash64(canonicalJson(match));
}

/** What the routes of a proxy match, by the names that they have there: for people who look at its configuration. */
export function httpMatches(
  rules: KindRules | undefined,
): readonly { readonly hash: string; readonly match: readonly MeshHTTPRoute_Match[] }[] {
  const confs = (rules?.to ?? []).map(({ conf }) => conf as Routes);
  const matches = confs.flatMap((conf) => (conf.rules ?? []).flatMap((rule) => rule.matches ?? []));
  const byHash = new Map(matches.map((match) => [routeName(routeMatch(match)), match]));
  return [...byHash].map(([hash, match]) => ({ hash, match: [match] })).sort((a, b) => compare(a.hash, b.hash));
}
