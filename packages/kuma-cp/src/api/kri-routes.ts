import { kriOf, parseKri } from '@kuma-mesh/core-model/resources/kri.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import { renderResource } from '@kuma-mesh/core-model/resources/render.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { FastifyInstance } from 'fastify';
import { badRequest, notFound } from './api-error.ts';
import type { ResourceReader } from './resource-reader.ts';
import { addPath, pathParameter } from './routes.ts';

/** A resource by its KRI; the section, if there is one, is left aside. */
export function addKriRoutes(app: FastifyInstance, reader: ResourceReader): void {
  addPath(app, '/_kri/:kri', {
    GET: async (request) => renderResource(await resourceOfKri(pathParameter(request, 'kri'), reader)),
  });
}

/** @throws ApiError 400 malformed, 404 absent */
async function resourceOfKri(text: string, reader: ResourceReader): Promise<Resource> {
  const kri = parseKri(text);
  if (!kri)
    throw badRequest(`"${text}" is no KRI; one looks like kri_mt_default_zone-1__name_, with a known short name of a kind`);
  const kind = kindByName(kri.type)!;
  const whole = text.slice(0, text.length - kri.section.length);
  const named = await reader.get({ type: kri.type, mesh: kri.mesh, name: kri.name }, kind);
  if (named && kriOf(named) === whole) return named;
  // Resources that came from elsewhere are stored under another name than the one they are known by.
  const known = (await reader.list(kind, kind.scope === 'Mesh' ? kri.mesh : undefined)).find(
    (resource) => kriOf(resource) === whole,
  );
  if (!known) throw notFound('Could not retrieve a resource', `nothing has the KRI ${whole}`);
  return known;
}
