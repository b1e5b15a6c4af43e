import type { ClientMatchIr, SpiffeIdIr } from '@kuma-mesh/core-model/ir/index.ts';
import { UriSanInput } from '@kuma-mesh/envoy-api/generated/envoy/extensions/matching/common_inputs/ssl/v3/ssl_inputs.ts';
import { HttpRequestHeaderMatchInput } from '@kuma-mesh/envoy-api/generated/envoy/type/matcher/v3/http_inputs.ts';
import type {
  Matcher_MatcherList_Predicate as Predicate,
  Matcher_MatcherList_Predicate_SinglePredicate as SinglePredicate,
} from '@kuma-mesh/envoy-api/generated/xds/type/matcher/v3/matcher.ts';
import { pack } from '../envoy/pack.ts';
import { uriOfTag } from './uri-of-tag.ts';

/** A condition that one of a client's URI SANs matches the regular expression. */
export type UriPredicate = (pattern: string) => Predicate;

/** The same conditions as `principal`, in the language of generic matchers, which can ask for more than who somebody is. */
export function clientPredicate(client: ClientMatchIr): Predicate {
  return predicateOfUris(client, oneOfConnectionUris);
}

/** The same where the URI SANs are to be had in another way. */
export function predicateOfUris(client: ClientMatchIr, oneOfUris: UriPredicate): Predicate {
  switch (client.kind) {
    case 'any':
      return oneOfUris('.*');
    case 'spiffeId':
      return oneOfUris(spiffeIdPattern(client));
    case 'tag':
      return oneOfUris(quoted(uriOfTag(client)));
    case 'and':
      return client.of.length === 0 ? oneOfUris('.*') : all(client.of.map((each) => predicateOfUris(each, oneOfUris)));
    case 'or':
      return client.of.length === 0 ? not(oneOfUris('.*')) : any(client.of.map((each) => predicateOfUris(each, oneOfUris)));
    case 'not':
      return not(predicateOfUris(client.of, oneOfUris));
  }
}

export function all(predicate: Predicate[]): Predicate {
  return predicate.length === 1 ? predicate[0]! : { matchType: { $case: 'andMatcher', value: { predicate } } };
}

export function any(predicate: Predicate[]): Predicate {
  return predicate.length === 1 ? predicate[0]! : { matchType: { $case: 'orMatcher', value: { predicate } } };
}

export function not(predicate: Predicate): Predicate {
  return { matchType: { $case: 'notMatcher', value: predicate } };
}

/** Asks something of the client's URI SANs; of a client without any, nothing is true. */
export function ofUris(matcher: SinglePredicate['matcher']): Predicate {
  const input = { name: 'envoy.matching.inputs.uri_san', typedConfig: pack(UriSanInput, {}) };
  return { matchType: { $case: 'singlePredicate', value: { input, matcher } } };
}

/** The input is all URI SANs, parted by commas. */
function oneOfConnectionUris(pattern: string): Predicate {
  return ofUris(wholly(`(.*,)?${pattern}(,.*)?`));
}

/** Asks a header of the request for a regular expression of its whole value. */
export function headerPredicate(headerName: string, pattern: string): Predicate {
  const input = { name: 'envoy.matching.inputs.request_headers', typedConfig: pack(HttpRequestHeaderMatchInput, { headerName }) };
  return { matchType: { $case: 'singlePredicate', value: { input, matcher: wholly(pattern) } } };
}

function wholly(pattern: string): SinglePredicate['matcher'] {
  const regex = { engineType: { $case: 'googleRe2' as const, value: {} }, regex: pattern };
  return { $case: 'valueMatch', value: { matchPattern: { $case: 'safeRegex', value: regex } } };
}

/** Of one URI in a list, whatever parts them. */
export function spiffeIdPattern({ match, value }: SpiffeIdIr): string {
  return quoted(value) + (match === 'prefix' ? '[^,;]*' : '');
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
