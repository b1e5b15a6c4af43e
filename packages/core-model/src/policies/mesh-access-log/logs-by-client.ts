import type { MeshAccessLog_Conf as Conf } from '../../generated/types/kuma/mesh_access_log.ts';
import type { AccessLogIr, ClientRangeIr, SpiffeIdIr } from '../../ir/index.ts';
import type { InboundRules } from '../../rules/proxy-rules.ts';
import { confsByClient, includes } from '../by-client.ts';
import type { InboundView } from '../policy.ts';
import { accessLogs } from './logs.ts';

/**
 * Logs of incoming traffic. A client has those of the most exact match, and those for everyone where none matches: the
 * conditions of logs are such that no client meets those of two rules.
 */
export function logsByClient(rules: InboundRules<Conf>, handler: 'http' | 'tcp', about: InboundView): readonly AccessLogIr[] {
  const logs = (conf: Conf) => accessLogs(conf, handler, { direction: 'INBOUND', about });
  const usual = rules.merged ? logs(rules.merged.conf) : [];
  const single = confsByClient(rules, about);
  if (single.length === 0) return usual;
  const all = single.map(({ client }) => client);
  // A list that was merged is still the one of the rule that had the last word.
  const sameLogs = [...Map.groupBy(single, ({ conf }) => conf.backends).values()];
  return [
    ...sameLogs.flatMap((group) => {
      const ranges = group.map(({ client }): ClientRangeIr => ({ match: client, except: within(client, all) }));
      return logs(group[0]!.conf).map((log): AccessLogIr => ({ ...log, clients: { kind: 'only', ranges } }));
    }),
    ...usual.map((log): AccessLogIr => ({ ...log, clients: { kind: 'except', matches: outermost(all) } })),
  ];
}

/** The matches that count before this one, where both have clients in common. */
function within(client: SpiffeIdIr, all: readonly SpiffeIdIr[]): readonly SpiffeIdIr[] {
  return outermost(all.filter((other) => other !== client && includes(client, other)));
}

/** Fewer matches of the same clients. */
function outermost(clients: readonly SpiffeIdIr[]): readonly SpiffeIdIr[] {
  return clients.filter((client) => !clients.some((other) => other !== client && includes(other, client)));
}
