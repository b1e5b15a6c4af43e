import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../../auth/access.ts';
import { badRequest } from '../api-error.ts';
import { demand } from '../request-user.ts';
import { addPath, queryOf } from '../routes.ts';
import { type ConfigQuery, configView } from './config-view.ts';
import { type InspectedMeshes, subjectOf } from './inspected-meshes.ts';
import { type AskServing, answerOfServing } from './live-proxy.ts';

export interface LiveConfigRouteOptions {
  readonly meshes: InspectedMeshes;
  readonly access: Access;
  readonly zone: string;
  readonly askServing?: AskServing | undefined;
}

/** The configuration that a proxy is given, as the control plane knows it that serves it. */
export function addLiveConfigRoute(app: FastifyInstance, options: LiveConfigRouteOptions): void {
  const { meshes, access, zone } = options;
  addPath(app, '/meshes/:mesh/dataplanes/:name/_config', {
    GET: async (request, reply) => {
      demand(access, request, 'viewConfigDump');
      const query = configQuery(request);
      const subject = subjectOf(request, meshes);
      const { mesh, name } = subject.dataplane;
      return (
        (await answerOfServing({ request, reply, subject }, options)) ??
        configView(subject, meshes.connected({ mesh, name }), zone, query)
      );
    },
  });
}

function configQuery(request: FastifyRequest): ConfigQuery {
  const { shadow = 'false', include = [] } = queryOf(request);
  const included = [include].flat().flatMap((value) => value.split(','));
  const wrong = included.find((value) => value !== 'diff' && value !== '');
  if (wrong !== undefined) throw badRequest(`include must be diff, not "${wrong}"`);
  if (shadow !== 'true' && shadow !== 'false') throw badRequest(`shadow must be true or false, not "${shadow}"`);
  return { shadow: shadow === 'true', diff: included.includes('diff') };
}
