import type { MeshAccessLog_Conf } from '../../generated/types/kuma/mesh_access_log.ts';
import type { AccessLogIr } from '../../ir/index.ts';
import type { Effective } from '../../rules/effective.ts';
import type { Policy } from '../policy.ts';
import { accessLogs } from './logs.ts';

/** A record of each request and connection. */
export const meshAccessLog: Policy<MeshAccessLog_Conf> = {
  kind: 'MeshAccessLog',
  inbound: {
    http: (handler, { merged }, about) =>
      merged ? withLogs(handler, accessLogs(merged.conf, 'http', { direction: 'INBOUND', about })) : handler,
    tcp: (handler, { merged }, about) =>
      merged ? withLogs(handler, accessLogs(merged.conf, 'tcp', { direction: 'INBOUND', about })) : handler,
  },
  outbound: {
    http: (handler, { conf }, about) => withLogs(handler, accessLogs(conf, 'http', { direction: 'OUTBOUND', about })),
    tcp: (handler, { conf }, about) => withLogs(handler, accessLogs(conf, 'tcp', { direction: 'OUTBOUND', about })),
    route: (route, rule, about) =>
      isForRoute(rule) ? { ...route, accessLogs: accessLogs(rule.conf, 'http', { direction: 'OUTBOUND', about }) } : route,
  },
};

/** Whether an item speaks of this route, and not only of all the traffic to its destination. */
function isForRoute({ items }: Effective<MeshAccessLog_Conf>): boolean {
  return items.some(({ origin: { policy, ruleIndex = 0 } }) =>
    [policy.spec.targetRef, policy.spec.to?.[ruleIndex]?.targetRef].some((ref) => ref?.kind === 'MeshHTTPRoute'),
  );
}

function withLogs<Handler extends object>(handler: Handler, logs: readonly AccessLogIr[]): Handler {
  return logs.length === 0 ? handler : { ...handler, accessLogs: logs };
}
