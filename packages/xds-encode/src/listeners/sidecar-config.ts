import { hash } from 'node:crypto';
import { type SidecarConfigListenerIr, statName } from '@kuma-mesh/core-model/ir/index.ts';
import type { Listener } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener.ts';
import type { Route } from '@kuma-mesh/envoy-api/generated/envoy/config/route/v3/route_components.ts';
import { exactly, inline, pipeAddress } from '../envoy/values.ts';
import { routerFilter } from '../http-filters/router.ts';
import { httpConnectionManager } from '../network-filters/connection-manager.ts';

type Document = SidecarConfigListenerIr['documents'][number];

/** Answers with documents, or that the one which the sidecar has is still the right one. */
export function sidecarConfigListener({ name, socket, documents }: SidecarConfigListenerIr): Listener {
  return {
    name,
    address: pipeAddress(socket),
    filterChains: [
      {
        filters: [
          httpConnectionManager({
            statPrefix: statName(name),
            routeSpecifier: {
              $case: 'routeConfig',
              value: {
                name,
                // Envoy's own limit is 4 KiB, and it refuses the listener beyond it.
                maxDirectResponseBodySizeBytes: Math.max(...documents.map(({ body }) => Buffer.byteLength(body))),
                virtualHosts: [{ name, domains: ['*'], routes: documents.flatMap((document) => routesTo(document, name)) }],
              },
            },
            httpFilters: [routerFilter()],
          }),
        ],
      },
    ],
  };
}

function routesTo({ path, body }: Document, listener: string): Route[] {
  const tag = hash('sha256', body, 'hex');
  const pathSpecifier = { $case: 'path', value: path } as const;
  return [
    {
      match: {
        pathSpecifier,
        headers: [{ name: 'if-none-match', headerMatchSpecifier: { $case: 'stringMatch', value: exactly(tag) } }],
      },
      action: { $case: 'directResponse', value: { status: 304 } },
    },
    {
      name: `${listener}:${path}`,
      match: { pathSpecifier },
      responseHeadersToAdd: [{ header: { key: 'etag', value: tag } }],
      action: { $case: 'directResponse', value: { status: 200, body: inline(body) } },
    },
  ];
}
