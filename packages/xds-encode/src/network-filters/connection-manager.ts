import { type HttpHandlerIr, statName } from '@kuma-mesh/core-model/ir/index.ts';
import type { Filter } from '@kuma-mesh/envoy-api/generated/envoy/config/listener/v3/listener_components.ts';
import {
  HttpConnectionManager,
  HttpConnectionManager_ForwardClientCertDetails,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { accessLogs } from '../access-logs/access-log.ts';
import { extension } from '../envoy/pack.ts';
import { duration, limit, overAds } from '../envoy/values.ts';
import { httpFilters } from '../http-filters/http-filters.ts';
import { oncePerObject } from '../resource.ts';
import { tracing } from '../tracing/tracing.ts';

/** What every connection manager of ours has, whoever calls it. */
const hardening: HttpConnectionManager = {
  // Routes and permissions see the path that the application will understand.
  normalizePath: true,
  // WebSockets arrive as HTTP/1.1 upgrades from applications and as extended CONNECT from other proxies.
  upgradeConfigs: [{ upgradeType: 'websocket' }],
  http2ProtocolOptions: { allowConnect: true },
};

/** Kuma's, where no MeshTimeout says otherwise; all its other defaults are Envoy's, who takes five minutes here. */
const streamIdleByDefault = 30 * 60 * 1000;

/** The connection manager of a listener for requests; its routes come over RDS. */
export const connectionManager = oncePerObject((handler: HttpHandlerIr): Filter => {
  const { timeouts } = handler;
  return httpConnectionManager({
    ...hardening,
    statPrefix: statName(handler.statPrefix),
    routeSpecifier: { $case: 'rds', value: { routeConfigName: handler.routeConfig, configSource: overAds() } },
    httpFilters: httpFilters(handler.filters),
    accessLog: accessLogs(handler.accessLogs, 'http'),
    ...(handler.tracing && { tracing: tracing(handler.tracing) }),
    commonHttpProtocolOptions: {
      idleTimeout: duration(timeouts.idle),
      maxConnectionDuration: limit(timeouts.maxConnectionDuration),
    },
    streamIdleTimeout: duration(timeouts.streamIdle ?? streamIdleByDefault),
    requestTimeout: duration(timeouts.request),
    requestHeadersTimeout: duration(timeouts.requestHeaders),
    // Without it Envoy removes the header, so that nobody can pass off a made-up identity.
    ...(handler.forwardClientCertificate && {
      forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE_SET,
      setCurrentClientCertDetails: { uri: true },
    }),
  });
});

export function httpConnectionManager(manager: HttpConnectionManager): Filter {
  return extension('envoy.filters.network.http_connection_manager', HttpConnectionManager, manager);
}
