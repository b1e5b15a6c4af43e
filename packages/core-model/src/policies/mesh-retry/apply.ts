import type { MeshRetry_Conf } from '../../generated/types/kuma/mesh_retry.ts';
import type { Protocol, RouteIr } from '../../ir/index.ts';
import type { Policy } from '../policy.ts';
import { backOffContradiction, grpcRetry, httpRetry } from './retry.ts';
import { useless } from './useless.ts';

/** When a failed request or connection is tried again. Without a policy it is not. */
export const meshRetry: Policy<MeshRetry_Conf> = {
  kind: 'MeshRetry',
  outbound: {
    tcp: (handler, conf) => {
      const attempts = conf.tcp?.maxConnectAttempt;
      return attempts === undefined ? handler : { ...handler, maxConnectAttempts: attempts };
    },
    route: (route, conf, { protocol }) => retried(route, conf, protocol),
  },
  contradictions: (conf) => [...backOffContradiction(conf, 'http'), ...backOffContradiction(conf, 'grpc')],
  useless,
};

function retried(route: RouteIr, { http, grpc }: MeshRetry_Conf, protocol: Protocol): RouteIr {
  if (route.action.kind !== 'forward') return route;
  const retry = protocol === 'grpc' ? grpc && grpcRetry(grpc) : http && httpRetry(http);
  return retry === undefined ? route : { ...route, action: { ...route.action, retry } };
}
