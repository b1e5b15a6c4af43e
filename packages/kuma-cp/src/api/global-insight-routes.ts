import type {
  MeshInsight_DataplaneStat as DataplaneStat,
  MeshInsight,
  ServiceInsight,
} from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import type { FastifyInstance } from 'fastify';
import type { ResourceStore } from '../store/store.ts';
import type { InsightReader } from './resource-reader.ts';
import { addPath } from './routes.ts';

/** Totals of everything that the control plane knows of. */
export function addGlobalInsightRoutes(app: FastifyInstance, store: ResourceStore, insights: InsightReader): void {
  addPath(app, '/global-insight', {
    GET: async () => {
      const [{ resources }, meshes, services] = await Promise.all([
        store.snapshot(),
        insights.list({ type: 'MeshInsight' }),
        insights.list({ type: 'ServiceInsight' }),
      ]);
      const totals = countKinds(resources);
      const zones = totals.Zone?.total ?? 0;
      return {
        createdAt: new Date().toISOString(),
        meshes: { total: totals.Mesh?.total ?? 0 },
        // Zones of other control planes are not connected to this one; its own is as long as it answers.
        zones: {
          controlPlanes: { online: zones, total: zones },
          zoneEgresses: { online: 0, total: 0 },
          zoneIngresses: { online: 0, total: 0 },
        },
        dataplanes: dataplaneTotals(meshes.map(({ spec }) => spec as MeshInsight)),
        services: serviceTotals(services.map(({ spec }) => spec as ServiceInsight)),
        policies: {
          total: Object.entries(totals).reduce((sum, [type, { total }]) => sum + (kindByName(type)?.policy ? total : 0), 0),
        },
        resources: totals,
      };
    },
  });
}

function countKinds(resources: readonly { readonly type: string }[]): Record<string, { total: number }> {
  const known = resources.filter(({ type }) => kindByName(type));
  const counted = [...Map.groupBy(known, ({ type }) => type)].map(([type, all]) => [type, { total: all.length }] as const);
  return Object.fromEntries(counted.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface FullStatus {
  readonly online: number;
  readonly offline: number;
  readonly partiallyDegraded: number;
  readonly total: number;
}

function dataplaneTotals(meshes: readonly MeshInsight[]) {
  const sum = (kind: 'standard' | 'gatewayBuiltin' | 'gatewayDelegated') =>
    meshes.map(({ dataplanesByType }) => fullStatus(dataplanesByType?.[kind])).reduce(plus, nothing);
  return { standard: sum('standard'), gatewayBuiltin: sum('gatewayBuiltin'), gatewayDelegated: sum('gatewayDelegated') };
}

function serviceTotals(seen: readonly ServiceInsight[]) {
  const all = seen.flatMap(({ services }) => Object.values(services ?? {}));
  const sum = (type: string) =>
    all
      .filter(({ serviceType = 'internal' }) => serviceType === type)
      .map(({ status }) => one(status))
      .reduce(plus, nothing);
  const external = all.filter(({ serviceType }) => serviceType === 'external').length;
  return {
    internal: sum('internal'),
    external: { total: external },
    gatewayBuiltin: sum('gateway_builtin'),
    gatewayDelegated: sum('gateway_delegated'),
  };
}

const nothing: FullStatus = { online: 0, offline: 0, partiallyDegraded: 0, total: 0 };

function one(status: string | undefined): FullStatus {
  return {
    online: status === 'online' ? 1 : 0,
    offline: status === 'offline' ? 1 : 0,
    partiallyDegraded: status === 'partially_degraded' ? 1 : 0,
    total: 1,
  };
}

function fullStatus({ online = 0, offline = 0, partiallyDegraded = 0, total = 0 }: DataplaneStat = {}): FullStatus {
  return { online, offline, partiallyDegraded, total };
}

function plus(a: FullStatus, b: FullStatus): FullStatus {
  return {
    online: a.online + b.online,
    offline: a.offline + b.offline,
    partiallyDegraded: a.partiallyDegraded + b.partiallyDegraded,
    total: a.total + b.total,
  };
}
