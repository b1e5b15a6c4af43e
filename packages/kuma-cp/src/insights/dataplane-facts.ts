import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { DataplaneInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { isConnected } from './dataplane-insight.ts';

export type ProxyStatus = 'online' | 'offline' | 'partiallyDegraded';

/** What totals count of one proxy. */
export interface ProxyFacts {
  readonly status: ProxyStatus;
  readonly kind: 'standard' | 'gatewayBuiltin' | 'gatewayDelegated';
  /** The services that it is an instance of. */
  readonly services: readonly { readonly name: string; readonly online: boolean; readonly zone: string | undefined }[];
  readonly kumaDp: string | undefined;
  readonly envoy: string | undefined;
  readonly issuedBackend: string | undefined;
  /** Whether it may be running without a certificate: it has been connected, and is not known to have one. */
  readonly plain: boolean;
  readonly supportedBackends: readonly string[];
}

export function proxyFacts(dataplane: Dataplane, insight: DataplaneInsight | undefined): ProxyFacts {
  const connected = insight !== undefined && isConnected(insight);
  const last = insight?.subscriptions?.at(-1);
  return {
    status: proxyStatus(dataplane, connected),
    kind: kindOf(dataplane),
    services: servicesOf(dataplane, connected),
    kumaDp: last?.version?.kumaDp?.version,
    envoy: last?.version?.envoy?.version,
    issuedBackend: insight?.mTLS?.issuedBackend,
    plain: last !== undefined && insight?.mTLS === undefined,
    supportedBackends: insight?.mTLS?.supportedBackends ?? [],
  };
}

/** Offline without a stream, or when no inbound takes traffic; degraded when only some do. */
export function proxyStatus({ networking }: Dataplane, connected: boolean): ProxyStatus {
  if (!connected) return 'offline';
  if (networking?.gateway) return 'online';
  const inbounds = (networking?.inbound ?? []).filter(({ state }) => state !== 'Ignored');
  const ready = inbounds.filter(isReady).length;
  if (ready === inbounds.length) return 'online';
  return ready === 0 ? 'offline' : 'partiallyDegraded';
}

type Inbound = NonNullable<NonNullable<Dataplane['networking']>['inbound']>[number];

function isReady({ state, health }: Inbound): boolean {
  return state !== 'NotReady' && health?.ready !== false;
}

function kindOf({ networking }: Dataplane): ProxyFacts['kind'] {
  if (!networking?.gateway) return 'standard';
  return networking.gateway.type === 'BUILTIN' ? 'gatewayBuiltin' : 'gatewayDelegated';
}

function servicesOf({ networking }: Dataplane, connected: boolean): ProxyFacts['services'] {
  const services = new Map<string, { name: string; online: boolean; zone: string | undefined }>();
  const add = (tags: Readonly<Record<string, string>> = {}, online: boolean) => {
    const name = tags['kuma.io/service'];
    if (name === undefined) return;
    services.set(name, { name, online: online || (services.get(name)?.online ?? false), zone: tags['kuma.io/zone'] });
  };
  if (networking?.gateway) add(networking.gateway.tags, connected);
  for (const inbound of networking?.inbound ?? [])
    if (inbound.state !== 'Ignored') add(inbound.tags, connected && isReady(inbound));
  return [...services.values()];
}
