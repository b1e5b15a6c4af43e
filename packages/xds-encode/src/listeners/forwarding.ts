import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import { routerFilter } from '../http-filters/router.ts';
import { httpConnectionManager } from '../network-filters/connection-manager.ts';

export interface Forwarding {
  readonly statPrefix: string;
  readonly cluster: string;
  readonly path: { readonly kind: 'exact' | 'prefix'; readonly value: string };
  /** What the cluster gets to see in place of the path. */
  readonly clusterPath?: string;
  /** What the cluster gets to see in place of the host. */
  readonly clusterHost?: string;
}

/** A connection manager with one fixed route, for a proxy's own doors. */
export function forwarding({ statPrefix, cluster, path, clusterPath, clusterHost }: Forwarding): Filter {
  return httpConnectionManager({
    statPrefix,
    normalizePath: true,
    routeSpecifier: {
      $case: 'routeConfig',
      value: {
        name: statPrefix,
        virtualHosts: [
          {
            name: statPrefix,
            domains: ['*'],
            routes: [
              {
                match: { pathSpecifier: { $case: path.kind === 'exact' ? 'path' : 'prefix', value: path.value } },
                action: {
                  $case: 'route',
                  value: {
                    clusterSpecifier: { $case: 'cluster', value: cluster },
                    ...(clusterPath !== undefined && { prefixRewrite: clusterPath }),
                    ...(clusterHost !== undefined && {
                      hostRewriteSpecifier: { $case: 'hostRewriteLiteral' as const, value: clusterHost },
                    }),
                  },
                },
              },
            ],
          },
        ],
      },
    },
    httpFilters: [routerFilter()],
  });
}
