import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import type { JsonObject } from '@kuma-mesh/core-model/resources/render.ts';
import { renderResource } from '@kuma-mesh/core-model/resources/render.ts';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { resourceNotFound } from './api-error.ts';
import { listMatches } from './list-matches.ts';
import { listPage } from './list-page.ts';
import type { UrlOf } from './request-url.ts';
import { type InsightReader, type ResourceReader, requireMesh } from './resource-reader.ts';
import { addPath, pathParameter } from './routes.ts';

export interface OverviewRoutesOptions {
  readonly reader: ResourceReader;
  readonly insights: InsightReader;
  readonly urlOf: UrlOf;
}

const dataplanes = kindByName('Dataplane')!;
const zones = kindByName('Zone')!;

/** A resource together with what is seen of it. Each path has an older spelling. */
export function addOverviewRoutes(app: FastifyInstance, { reader, insights, urlOf }: OverviewRoutesOptions): void {
  const list = async (request: FastifyRequest) => {
    const { query, matches } = await listMatches(dataplanes, request, reader);
    const mesh = pathParameter(request, 'mesh');
    const seen = await insights.list({ type: 'DataplaneInsight', ...(mesh !== '' && { mesh }) });
    const byProxy = new Map(seen.map((insight) => [`${insight.mesh}/${insight.name}`, insight.spec]));
    return listPage(matches, query, urlOf(request), (dataplane) =>
      dataplaneOverview(dataplane, byProxy.get(`${dataplane.mesh}/${dataplane.name}`)),
    );
  };
  const one = async (request: FastifyRequest) => {
    const key = { type: 'Dataplane', mesh: pathParameter(request, 'mesh'), name: pathParameter(request, 'name') };
    await requireMesh(reader, key.mesh);
    const dataplane = await reader.get(key, dataplanes);
    if (!dataplane) throw resourceNotFound(key);
    return dataplaneOverview(dataplane, await insightOf(key, insights));
  };
  for (const path of ['/dataplanes/_overview', '/dataplanes+insights']) {
    addPath(app, path, { GET: list });
    addPath(app, `/meshes/:mesh${path}`, { GET: list });
  }
  addPath(app, '/meshes/:mesh/dataplanes/:name/_overview', { GET: one });
  addPath(app, '/meshes/:mesh/dataplanes+insights/:name', { GET: one });

  const zoneList = async (request: FastifyRequest) => {
    const { query, matches } = await listMatches(zones, request, reader);
    return listPage(matches, query, urlOf(request), zoneOverview);
  };
  const oneZone = async (request: FastifyRequest) => {
    const key = { type: 'Zone', mesh: '', name: pathParameter(request, 'name') };
    const zone = await reader.get(key, zones);
    if (!zone) throw resourceNotFound(key);
    return zoneOverview(zone);
  };
  for (const path of ['/zones/_overview', '/zones+insights']) addPath(app, path, { GET: zoneList });
  for (const path of ['/zones/:name/_overview', '/zones+insights/:name']) addPath(app, path, { GET: oneZone });
}

async function insightOf({ mesh, name }: ResourceKey, insights: InsightReader): Promise<unknown> {
  return (await insights.get({ type: 'DataplaneInsight', mesh, name }))?.spec;
}

function dataplaneOverview(dataplane: Resource, dataplaneInsight: unknown): JsonObject {
  return {
    ...head(dataplane, 'DataplaneOverview'),
    dataplane: dataplane.spec,
    ...(dataplaneInsight !== undefined && { dataplaneInsight }),
  };
}

function zoneOverview(zone: Resource): JsonObject {
  return { ...head(zone, 'ZoneOverview'), zone: zone.spec };
}

/** A resource as it is shown, without its own fields. */
function head(resource: Resource, type: string): JsonObject {
  return { ...renderResource({ ...resource, spec: {} }), type };
}
