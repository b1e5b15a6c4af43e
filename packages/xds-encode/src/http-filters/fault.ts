/**
 * Faults by client, for a route configuration to hold. Envoy's fault filter can tell clients apart by headers only, and
 * stands in the listener; so a composite filter stands there in its place, off until the routes say which faults whom befall:
 *
 *   listener: composite (off) <-- routes: client is web -> [fault, fault], client is job -> [fault], others -> none
 *
 * Once a fault made a request wait, Envoy goes on behind the composite; for what is to come then there are more of them.
 */
import {
  type ClientFaultsIr,
  type FaultClientIr,
  type FaultIr,
  type FaultRoundIr,
  mostFaultRounds,
} from '@kuma-mesh/core-model/ir/index.ts';
import type { TypedExtensionConfig } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/extension.ts';
import {
  ExtensionWithMatcher,
  ExtensionWithMatcherPerRoute,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/common/matching/v3/extension_matcher.ts';
import { SkipFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/common/matcher/action/v3/skip_action.ts';
import {
  Composite,
  ExecuteFilterAction,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/http/composite/v3/composite.ts';
import { HTTPFault } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/http/fault/v3/fault.ts';
import type { HttpFilter } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { Any } from '@kuma-mesh/envoy-api/generated/google/protobuf/any.ts';
import type {
  Matcher,
  Matcher_MatcherList_Predicate as Predicate,
} from '@kuma-mesh/envoy-api/generated/xds/type/matcher/v3/matcher.ts';
import { extension, pack } from '../envoy/pack.ts';
import { duration, fraction } from '../envoy/values.ts';
import { all, headerPredicate, predicateOfUris } from '../permission/client-predicate.ts';
import { forwardedCertificate, forwardingUri } from '../permission/forwarded-certificate.ts';

const fault = 'envoy.filters.http.fault';
const names = Array.from({ length: mostFaultRounds }, (_, round) => (round === 0 ? fault : `${fault}.${round + 1}`));

export function faultFilters(): HttpFilter[] {
  return names.map((name) => ({
    ...extension(name, ExtensionWithMatcher, {
      extensionConfig: { name: 'envoy.filters.http.composite', typedConfig: pack(Composite, {}) },
      xdsMatcher: { onNoMatch: action([]) },
    }),
    disabled: true,
  }));
}

/** The faults of a route configuration, as its `typed_per_filter_config`. */
export function faultsOfRoutes(groups: readonly ClientFaultsIr[]): Record<string, Any> {
  const used = Math.max(0, ...groups.map(({ rounds }) => rounds.length));
  return Object.fromEntries(names.slice(0, used).map((name, round) => [name, faultsOfRound(groups, round)]));
}

function faultsOfRound(groups: readonly ClientFaultsIr[], round: number): Any {
  const everyone = groups.find(({ client }) => client.kind === 'any');
  const matchers = groups.flatMap(({ client, rounds }) =>
    client.kind === 'any' ? [] : [{ predicate: predicate(client), onMatch: action(rounds[round]) }],
  );
  const xdsMatcher: Matcher = {
    ...(matchers.length > 0 && { matcherType: { $case: 'matcherList', value: { matchers } } }),
    onNoMatch: action(everyone?.rounds[round]),
  };
  return pack(ExtensionWithMatcherPerRoute, { xdsMatcher });
}

function predicate(client: Exclude<FaultClientIr, { kind: 'any' }>): Predicate {
  return client.kind === 'certificate'
    ? predicateOfUris(client.match, oneOfForwardedUris)
    : all(client.patterns.map((pattern) => headerPredicate(client.name, pattern)));
}

function oneOfForwardedUris(pattern: string): Predicate {
  return headerPredicate(forwardedCertificate, forwardingUri(pattern));
}

function action(faults: FaultRoundIr = []): Matcher['onNoMatch'] {
  const value =
    faults.length === 0
      ? { name: 'none', typedConfig: pack(SkipFilter, {}) }
      : { name: 'faults', typedConfig: pack(ExecuteFilterAction, execute(faults.map(faultConfig))) };
  return { onMatch: { $case: 'action', value } };
}

/** Older Envoys know no chains, and one filter needs none. */
function execute(filters: TypedExtensionConfig[]): ExecuteFilterAction {
  return filters.length === 1 ? { typedConfig: filters[0]! } : { filterChain: { typedConfig: filters } };
}

function faultConfig({ abort, delay, responseBandwidth }: FaultIr): TypedExtensionConfig {
  const config: HTTPFault = {
    ...(abort && {
      abort: { errorType: { $case: 'httpStatus', value: abort.status }, percentage: fraction(abort.percentage) },
    }),
    ...(delay && {
      delay: {
        faultDelaySecifier: { $case: 'fixedDelay', value: duration(delay.time)! },
        percentage: fraction(delay.percentage),
      },
    }),
    ...(responseBandwidth && {
      responseRateLimit: {
        limitType: { $case: 'fixedLimit', value: { limitKbps: responseBandwidth.kibibytesPerSecond } },
        percentage: fraction(responseBandwidth.percentage),
      },
    }),
  };
  return { name: fault, typedConfig: pack(HTTPFault, config) };
}
