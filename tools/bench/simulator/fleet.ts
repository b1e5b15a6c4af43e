import type { Dataplane } from './bootstrap-request.ts';
import { clientTls } from './client-tls.ts';
import { Sightings } from './sightings.ts';
import { type SidecarOptions, SimulatedSidecar } from './simulated-sidecar.ts';

export interface FleetOptions
  extends Pick<SidecarOptions, 'ca' | 'form' | 'controlPlane' | 'refuses' | 'comesBack' | 'onBack'>,
    Partial<Pick<SidecarOptions, 'onSeen'>> {
  readonly mesh: string;
  readonly count: number;
  /** Number of the first one; 0 when absent. */
  readonly first?: number;
  /** Services among which the sidecars are shared out. */
  readonly services: number;
  /** Services that each sidecar calls. */
  readonly outbounds: number;
  readonly tokenOf?: (dataplane: Dataplane) => string | undefined;
  /** How many connect at the same time. */
  readonly parallel?: number;
}

/** Many simulated sidecars in this process. */
export class Fleet {
  readonly sidecars: SimulatedSidecar[] = [];
  readonly sightings = new Sightings();
  /** Why streams ended that nobody stopped. */
  readonly lost: string[] = [];
  #stopping = false;

  /** Resolves when all have opened their streams; what they are sent comes after. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet();
    const tls = clientTls(options.ca);
    let next = options.first ?? 0;
    const end = next + options.count;
    const connectSome = async (): Promise<void> => {
      while (next < end) {
        const dataplane = dataplaneOf(next++, options);
        fleet.sidecars.push(
          await SimulatedSidecar.start({
            ...options,
            tls,
            dataplane,
            token: options.tokenOf?.(dataplane),
            onSeen: options.onSeen ?? ((_sidecar, typeUrl, name, version) => fleet.sightings.add(typeUrl, name, version)),
            onEnd: ({ name }, reason) => {
              if (!fleet.#stopping && !options.comesBack) fleet.lost.push(`${name}: ${reason}`);
            },
          }),
        );
      }
    };
    await Promise.all(Array.from({ length: options.parallel ?? 32 }, connectSome));
    return fleet;
  }

  /** How many sidecars meet a condition. */
  count(condition: (sidecar: SimulatedSidecar) => boolean): number {
    return this.sidecars.filter(condition).length;
  }

  stop(): void {
    this.#stopping = true;
    for (const sidecar of this.sidecars) sidecar.stop();
  }
}

/** The first sidecars have a label, for policies that select these alone. */
export const groupSize = 10;
export const groupLabel = { 'bench.mesh/group': 'ten' };

export function serviceName(index: number): string {
  return `service-${index}`;
}

/** Number `index` of a fleet: an instance of one service that calls the next ones. */
export function dataplaneOf(
  index: number,
  { mesh, services, outbounds }: Pick<FleetOptions, 'mesh' | 'services' | 'outbounds'>,
): Dataplane {
  const own = index % services;
  return {
    type: 'Dataplane',
    mesh,
    name: `simulated-${index}`,
    ...(index < groupSize && { labels: groupLabel }),
    networking: {
      address: `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
      inbound: [{ port: 8080, servicePort: 80, tags: { 'kuma.io/service': serviceName(own), 'kuma.io/protocol': 'http' } }],
      outbound: Array.from({ length: Math.min(outbounds, services - 1) }, (_, nth) => ({
        port: 20_000 + nth,
        tags: { 'kuma.io/service': serviceName((own + 1 + nth) % services) },
      })),
    },
  };
}
