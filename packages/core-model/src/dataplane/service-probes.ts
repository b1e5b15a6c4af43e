import type { Dataplane, Dataplane_Inbound } from '../generated/types/kuma/dataplane.ts';
import { hostPort, type ServiceProbeIr } from '../ir/index.ts';
import { parseDuration } from '../resources/duration.ts';

/** Whether applications answered, by the names of their probes. */
export type ProbedHealth = ReadonlyMap<string, boolean>;

/** Probes that the inbounds of a Dataplane ask for; one for each application, as two inbounds may lead to the same. */
export function serviceProbesOf(spec: Dataplane): readonly ServiceProbeIr[] {
  const probes = new Map<string, ServiceProbeIr>();
  for (const inbound of spec.networking?.inbound ?? []) {
    const name = probeName(inbound);
    if (name === undefined || probes.has(name)) continue;
    const { interval, timeout, healthyThreshold, unhealthyThreshold } = inbound.serviceProbe ?? {};
    probes.set(name, {
      name,
      ...applicationOf(inbound),
      ...(interval !== undefined && { interval: parseDuration(interval) }),
      ...(timeout !== undefined && { timeout: parseDuration(timeout) }),
      ...(healthyThreshold && { healthyThreshold }),
      ...(unhealthyThreshold && { unhealthyThreshold }),
    });
  }
  return [...probes.values()];
}

/**
 * The Dataplane with the states of its probed inbounds as the probes found them; others stay as they are, and so do those
 * that are `except`ed by port. The same object when nothing is different.
 */
export function withProbedHealth(spec: Dataplane, health: ProbedHealth, except: readonly number[] = []): Dataplane {
  return withInbounds(spec, (inbound) => {
    const name = probeName(inbound);
    const healthy = name === undefined ? undefined : health.get(name);
    return healthy === undefined || except.includes(inbound.port ?? 0) ? inbound : inState(inbound, healthy);
  });
}

/**
 * A Dataplane that is new: until an application has answered, nobody knows that it is there. One whose state is stated comes from
 * somebody who knows, as when it moves with its mesh to another store.
 */
export function awaitingProbes(spec: Dataplane): Dataplane {
  return withInbounds(spec, (inbound) => {
    const isStated = inbound.state !== undefined || inbound.health !== undefined;
    return isStated || probeName(inbound) === undefined ? inbound : inState(inbound, false);
  });
}

/** A Dataplane that is stated anew, with what probes had found of it before: nobody finds that out by stating it. */
export function keepingProbedHealth(spec: Dataplane, before: Dataplane, except: readonly number[]): Dataplane {
  const closed = (before.networking?.inbound ?? []).filter(
    ({ state, port = 0 }) => state === 'NotReady' && !except.includes(port),
  );
  const names = new Set(closed.map(probeName));
  return withInbounds(spec, (inbound) => {
    const name = probeName(inbound);
    return name !== undefined && names.has(name) ? inState(inbound, false) : inbound;
  });
}

function inState(inbound: Dataplane_Inbound, ready: boolean): Dataplane_Inbound {
  const isReady = inbound.state !== 'NotReady' && inbound.health?.ready !== false;
  if (isReady === ready) return inbound;
  // The older field says the same where it is there, or the two would contradict each other.
  return { ...inbound, state: ready ? 'Ready' : 'NotReady', ...(inbound.health && { health: { ready } }) };
}

/** undefined: the inbound asks for no probe. */
function probeName(inbound: Dataplane_Inbound): string | undefined {
  if (inbound.serviceProbe === undefined || inbound.state === 'Ignored') return undefined;
  const { address, port } = applicationOf(inbound);
  return address === loopback ? `localhost:${port}` : hostPort(address, port);
}

const loopback = '127.0.0.1';

function applicationOf({ serviceAddress, servicePort, port = 0 }: Dataplane_Inbound) {
  return { address: serviceAddress || loopback, port: servicePort || port };
}

function withInbounds(spec: Dataplane, change: (inbound: Dataplane_Inbound) => Dataplane_Inbound): Dataplane {
  const { networking } = spec;
  const inbound = networking?.inbound?.map(change);
  if (!inbound || inbound.every((item, i) => item === networking?.inbound?.[i])) return spec;
  return { ...spec, networking: { ...networking, inbound } };
}
