import type { MeshAccessLog_Conf } from '../../generated/types/kuma/mesh_access_log.ts';
import type { AccessLogIr } from '../../ir/index.ts';
import type { Policy } from '../policy.ts';
import { accessLogs } from './logs.ts';
import { logsByClient } from './logs-by-client.ts';
import type { LoggedTraffic } from './placeholders.ts';
import { useless } from './useless.ts';

/** What stands for a service where traffic goes to none in the mesh. */
const outside = 'external';

/** A record of each request and connection. */
export const meshAccessLog: Policy<MeshAccessLog_Conf> = {
  kind: 'MeshAccessLog',
  inbound: {
    http: (handler, rules, about) => withLogs(handler, logsByClient(rules, 'http', about)),
    tcp: (handler, rules, about) => withLogs(handler, logsByClient(rules, 'tcp', about)),
  },
  outbound: {
    http: (handler, conf, about) => withLogs(handler, accessLogs(conf, 'http', { direction: 'OUTBOUND', about })),
    tcp: (handler, conf, about) => withLogs(handler, accessLogs(conf, 'tcp', { direction: 'OUTBOUND', about })),
    outside: (listener, conf, mesh) => {
      const traffic: LoggedTraffic = { direction: 'OUTBOUND', about: { ...mesh, destination: { service: outside } } };
      const connections = accessLogs(conf, 'tcp', traffic);
      const requests = accessLogs(conf, 'http', traffic);
      return connections.length === 0 ? listener : { ...listener, accessLogs: { connections, requests } };
    },
    route: (route, conf, about) =>
      about.ofRoute ? { ...route, accessLogs: accessLogs(conf, 'http', { direction: 'OUTBOUND', about }) } : route,
  },
  useless,
};

function withLogs<Handler extends object>(handler: Handler, logs: readonly AccessLogIr[]): Handler {
  return logs.length === 0 ? handler : { ...handler, accessLogs: logs };
}
