import type {
  MeshTrafficPermission_FromConf as FromConf,
  MeshTrafficPermission_RuleConf as RuleConf,
} from '../../generated/types/kuma/mesh_traffic_permission.ts';
import type { RouteConfigIr, TcpHandlerIr } from '../../ir/index.ts';
import type { InboundRules } from '../../rules/proxy-rules.ts';
import type { InboundView, Policy } from '../policy.ts';
import { permission } from './permission.ts';
import { useless } from './useless.ts';

/**
 * Which clients may call. It takes a client's certificate to tell, so without mutual TLS everybody may.
 *
 * For HTTP the permission stands at the routes, which Envoy exchanges under open connections: they obey at once.
 */
export const meshTrafficPermission: Policy<never, FromConf | RuleConf> = {
  kind: 'MeshTrafficPermission',
  inbound: {
    httpFilters: ({ tls }: InboundView) => (tls === 'off' ? [] : [{ kind: 'permission' }]),
    routes: (routes: RouteConfigIr, { items }: InboundRules, { tls, mesh }: InboundView) =>
      tls === 'off' ? routes : { ...routes, permission: permission(items, mesh) },
    tcp: (handler: TcpHandlerIr, { items }: InboundRules, { tls, mesh }: InboundView) => {
      if (tls === 'off') return handler;
      return { ...handler, filters: [...handler.filters, { kind: 'permission', permission: permission(items, mesh) }] };
    },
  },
  useless,
};
