import type { AdminClient } from './admin-client.ts';

interface ListenerStatuses {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address?: { readonly socket_address?: { readonly address: string; readonly port_value: number } };
  }[];
}

/** Counts what a drain waits for. */
export interface Traffic {
  /** Connections to inbound listeners. */
  readonly connections: number;
  /** HTTP requests in either direction: an application may be in the middle of calls of its own. */
  readonly requests: number;
}

/**
 * Finds the listeners that take other proxies' traffic, by the names that control planes give them, and makes a function
 * that reads how busy they are.
 */
export async function trafficReader(admin: AdminClient): Promise<() => Promise<Traffic>> {
  const { body } = await admin.get('/listeners?format=json');
  const { listener_statuses: listeners = [] } = JSON.parse(body) as ListenerStatuses;
  const inbound = new Set(
    listeners
      .filter(({ name }) => name.startsWith('inbound:') || name.startsWith('self_inbound'))
      .flatMap(({ local_address: local }) => (local?.socket_address ? [statName(local.socket_address)] : [])),
  );
  const filter = encodeURIComponent('^(listener\\..*\\.downstream_cx_active|http\\..*\\.downstream_rq_active)$');
  return async () => {
    const stats = await admin.get(`/stats?filter=${filter}`);
    return countTraffic(stats.body, inbound);
  };
}

/** Envoy names a listener's statistics after its address, with `_` for `:`. */
function statName({ address, port_value: port }: { readonly address: string; readonly port_value: number }): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `listener.${`${host}:${port}`.replaceAll(':', '_')}.downstream_cx_active`;
}

/** Of nobody's traffic: the very request that asks the admin interface, metrics on their way, and what kuma-dp asks of Envoy. */
const ownRequests = /^http\.(admin|_kuma_.*|system_.*)\.downstream_rq_active$/;

export function countTraffic(stats: string, inbound: ReadonlySet<string>): Traffic {
  let connections = 0;
  let requests = 0;
  for (const line of stats.split('\n')) {
    const at = line.lastIndexOf(': ');
    const name = line.slice(0, at);
    const value = Number(line.slice(at + 2));
    if (inbound.has(name)) connections += value;
    else if (name.startsWith('http.') && !ownRequests.test(name)) requests += value;
  }
  return { connections, requests };
}
