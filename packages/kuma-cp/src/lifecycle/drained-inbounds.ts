import type { Dataplane, Dataplane_Inbound } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';

type Drained = { readonly spec: Dataplane; readonly ports: readonly number[] };

/** Takes every inbound that takes traffic out of it, and says which. The proxy keeps its listeners: what it has begun, it ends. */
export function closeInbounds(spec: Dataplane): Drained {
  const ports: number[] = [];
  const closed = withInbounds(spec, (inbound) => {
    if (inbound.state === 'NotReady' || inbound.state === 'Ignored' || inbound.port === undefined) return inbound;
    ports.push(inbound.port);
    return { ...inbound, state: 'NotReady' };
  });
  return { spec: closed, ports };
}

/** Opens what {@link closeInbounds} closed, and nothing that somebody else did. */
export function openInbounds(spec: Dataplane, ports: readonly number[]): Dataplane {
  return withInbounds(spec, (inbound) =>
    inbound.state === 'NotReady' && ports.includes(inbound.port ?? 0) ? { ...inbound, state: 'Ready' } : inbound,
  );
}

function withInbounds(spec: Dataplane, change: (inbound: Dataplane_Inbound) => Dataplane_Inbound): Dataplane {
  const { networking } = spec;
  return networking?.inbound ? { ...spec, networking: { ...networking, inbound: networking.inbound.map(change) } } : spec;
}
