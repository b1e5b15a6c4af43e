import type { PathRewriteIr, RouteMatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { RegexMatchAndSubstitute } from '@kuma-mesh/envoy-api/generated/envoy/type/matcher/v3/regex.ts';
import { regex } from '../envoy/values.ts';
import { withoutTrailingSlash } from './match.ts';

/** How Envoy changes a path: what the route's prefix becomes, or what a regular expression's match becomes. */
export type PathRewrite = { readonly prefix: string } | { readonly regex: RegexMatchAndSubstitute };

/**
 * The Gateway API's rewriting in Envoy's terms. Envoy replaces a prefix as text, so that without care `/` for `/foo`
 * gives `//x`, and `/bar` for `/` gives `/barx`.
 */
export function pathRewrite(rewrite: PathRewriteIr, matched: RouteMatchIr['path']): PathRewrite {
  if (rewrite.kind === 'full') return { regex: { pattern: regex('^.*$'), substitution: literal(rewrite.value) } };
  const replacement = withoutTrailingSlash(rewrite.value);
  if (matched.kind !== 'prefix') return { prefix: rewrite.value };
  const prefix = withoutTrailingSlash(matched.value);
  if (prefix === '') return { prefix: `${replacement}/` };
  if (replacement !== '') return { prefix: replacement };
  return { regex: { pattern: regex(`^${quoted(prefix)}/*`), substitution: '/' } };
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** In a substitution a backslash begins a group's number. */
function literal(text: string): string {
  return text.replaceAll('\\', '\\\\');
}
