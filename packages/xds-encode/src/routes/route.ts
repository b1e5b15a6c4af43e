import type { ForwardIr, RouteIr, WeightedClusterIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { Route, RouteAction } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { duration, fraction } from '../envoy/values.ts';
import { requestLimitOfRoute } from '../http-filters/request-limit.ts';
import { hashPolicy } from './hash-policy.ts';
import { headerChanges } from './headers.ts';
import { routeMatch } from './match.ts';
import { redirect } from './redirect.ts';
import { retryPolicy } from './retry.ts';
import { rewrite } from './rewrite.ts';

export function route(ir: RouteIr): Route {
  return {
    name: ir.name,
    match: routeMatch(ir.match),
    action: action(ir),
    ...headerChanges(ir.requestHeaders, ir.responseHeaders),
    ...(ir.requestLimit && { typedPerFilterConfig: requestLimitOfRoute(ir.requestLimit) }),
  };
}

function action({ action, match }: RouteIr): Route['action'] {
  if (action.kind === 'redirect') return { $case: 'redirect', value: redirect(action, match) };
  const clusters = action.clusters.filter(({ weight }) => weight > 0);
  // As the Gateway API has it: no backend that takes traffic is the configuration's fault, not the request's.
  if (clusters.length === 0) return { $case: 'directResponse', value: { status: 500 } };
  return {
    $case: 'route',
    value: {
      clusterSpecifier: clusterSpecifier(clusters),
      ...timeouts(action),
      ...(action.rewrite && rewrite(action.rewrite, match)),
      ...(action.retry && { retryPolicy: retryPolicy(action.retry) }),
      hashPolicy: action.hashPolicies?.map(hashPolicy),
      requestMirrorPolicies: action.mirrors.map(({ cluster, percentage }) => ({
        cluster,
        runtimeFraction: { defaultValue: fraction(percentage) },
      })),
    },
  };
}

function clusterSpecifier(clusters: readonly WeightedClusterIr[]): RouteAction['clusterSpecifier'] {
  if (clusters.length === 1) return { $case: 'cluster', value: clusters[0]!.cluster };
  return {
    $case: 'weightedClusters',
    value: { clusters: clusters.map(({ cluster, weight }) => ({ name: cluster, weight })) },
  };
}

function timeouts({ timeouts }: ForwardIr): Pick<RouteAction, 'timeout' | 'idleTimeout'> {
  return { timeout: duration(timeouts.request), idleTimeout: duration(timeouts.streamIdle) };
}
