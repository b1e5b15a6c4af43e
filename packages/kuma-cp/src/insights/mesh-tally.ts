import type {
  MeshInsight_DataplaneStat as DataplaneStat,
  MeshInsight,
  ServiceInsight,
  ServiceInsight_Service,
} from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import type { ProxyFacts, ProxyStatus } from './dataplane-facts.ts';

/** Totals of one mesh, kept up to date by what comes and goes: a change costs the same however large the mesh is. */
export class MeshTally {
  readonly #facts = new Map<string, ProxyFacts>();
  readonly #dataplanes = new StatTally();
  readonly #kinds = { standard: new StatTally(), gatewayBuiltin: new StatTally(), gatewayDelegated: new StatTally() };
  readonly #kumaDp = new NamedTallies();
  readonly #envoy = new NamedTallies();
  readonly #issued = new NamedTallies();
  readonly #supported = new NamedTallies();
  readonly #services = new Map<string, ServiceTally>();
  readonly #resources = new Map<string, number>();

  /** @param facts undefined when the proxy is gone */
  proxy(name: string, facts: ProxyFacts | undefined): void {
    const before = this.#facts.get(name);
    if (before !== undefined) this.#count(before, -1);
    if (facts === undefined) this.#facts.delete(name);
    else {
      this.#facts.set(name, facts);
      this.#count(facts, 1);
    }
  }

  /** @param by 1 for a resource more, -1 for one less */
  resource(type: string, by: 1 | -1): void {
    add(this.#resources, type, by);
  }

  meshInsight(lastSync: string): MeshInsight {
    const totals = [...this.#resources].sort(byKey).map(([type, total]) => [type, { total }] as const);
    const services = this.#services.size;
    return {
      dataplanes: this.#dataplanes.stat,
      policies: Object.fromEntries(totals.filter(([type]) => kindByName(type)?.policy !== undefined)),
      resources: Object.fromEntries(totals),
      dpVersions: { kumaDp: this.#kumaDp.stats, envoy: this.#envoy.stats },
      mTLS: { issuedBackends: this.#issued.stats, supportedBackends: this.#supported.stats },
      services: { total: services, internal: services, external: 0 },
      dataplanesByType: {
        standard: this.#kinds.standard.stat,
        gateway: this.#kinds.gatewayBuiltin.plus(this.#kinds.gatewayDelegated),
        gatewayBuiltin: this.#kinds.gatewayBuiltin.stat,
        gatewayDelegated: this.#kinds.gatewayDelegated.stat,
      },
      lastSync,
    };
  }

  serviceInsight(lastSync: string): ServiceInsight {
    return {
      services: Object.fromEntries([...this.#services].sort(byKey).map(([name, tally]) => [name, tally.service])),
      lastSync,
    };
  }

  /** Names of all services, or of those whose proxies have certificates, but for proxies that were never connected. */
  services(which: 'all' | 'certified'): readonly string[] {
    const tallies = [...this.#services].filter(([, tally]) => which === 'all' || tally.certified);
    return tallies.map(([name]) => name).sort();
  }

  #count(facts: ProxyFacts, by: 1 | -1): void {
    const { status, kind, issuedBackend, plain } = facts;
    this.#dataplanes.add(status, by);
    this.#kinds[kind].add(status, by);
    this.#kumaDp.add(facts.kumaDp ?? unknownVersion, status, by);
    this.#envoy.add(facts.envoy ?? unknownVersion, status, by);
    if (issuedBackend !== undefined) this.#issued.add(issuedBackend, status, by);
    for (const backend of facts.supportedBackends) this.#supported.add(backend, status, by);
    for (const { name, online, zone } of facts.services) {
      const tally = this.#services.get(name) ?? new ServiceTally();
      this.#services.set(name, tally);
      tally.add({ status: online ? 'online' : 'offline', zone, issuedBackend, plain, gateway: kind !== 'standard' }, by);
      if (tally.empty) this.#services.delete(name);
    }
  }
}

const unknownVersion = 'unknown';

class StatTally {
  readonly #counts: Record<ProxyStatus, number> = { online: 0, offline: 0, partiallyDegraded: 0 };

  add(status: ProxyStatus, by: number): void {
    this.#counts[status] += by;
  }

  get stat(): DataplaneStat & { readonly total: number } {
    const { online, offline, partiallyDegraded } = this.#counts;
    return { total: online + offline + partiallyDegraded, online, offline, partiallyDegraded };
  }

  plus(other: StatTally): DataplaneStat {
    const [a, b] = [this.#counts, other.#counts];
    return {
      total: this.stat.total + other.stat.total,
      online: a.online + b.online,
      offline: a.offline + b.offline,
      partiallyDegraded: a.partiallyDegraded + b.partiallyDegraded,
    };
  }
}

class NamedTallies {
  readonly #tallies = new Map<string, StatTally>();

  get empty(): boolean {
    return this.#tallies.size === 0;
  }

  add(name: string, status: ProxyStatus, by: number): void {
    const tally = this.#tallies.get(name) ?? new StatTally();
    this.#tallies.set(name, tally);
    tally.add(status, by);
    if (tally.stat.total === 0) this.#tallies.delete(name);
  }

  get stats(): Record<string, DataplaneStat> {
    return Object.fromEntries([...this.#tallies].sort(byKey).map(([name, tally]) => [name, tally.stat]));
  }
}

interface Instance {
  readonly status: 'online' | 'offline';
  readonly zone: string | undefined;
  readonly issuedBackend: string | undefined;
  readonly plain: boolean;
  readonly gateway: boolean;
}

class ServiceTally {
  readonly #dataplanes = new StatTally();
  readonly #issued = new NamedTallies();
  readonly #zones = new Map<string, number>();
  #gateways = 0;
  #plain = 0;

  get empty(): boolean {
    return this.#dataplanes.stat.total === 0;
  }

  /** Nobody calls a gateway with mutual TLS. */
  get certified(): boolean {
    return this.#plain === 0 && (!this.#issued.empty || this.#gateways > 0);
  }

  add({ status, zone, issuedBackend, plain, gateway }: Instance, by: number): void {
    this.#dataplanes.add(status, by);
    if (issuedBackend !== undefined) this.#issued.add(issuedBackend, status, by);
    if (plain && !gateway) this.#plain += by;
    if (zone !== undefined) add(this.#zones, zone, by);
    if (gateway) this.#gateways += by;
  }

  get service(): ServiceInsight_Service {
    const { total, online, offline } = this.#dataplanes.stat;
    const degraded = online === total ? 'online' : 'partially_degraded';
    return {
      status: online === 0 ? 'offline' : degraded,
      dataplanes: { total, online, offline },
      issuedBackends: this.#issued.stats,
      serviceType: this.#gateways > 0 ? 'gateway_delegated' : 'internal',
      zones: [...this.#zones.keys()].sort(),
    };
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
