import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Action } from '../../auth/access.ts';
import { ApiError } from '../api-error.ts';
import { demand } from '../request-user.ts';
import { addPath, queryOf } from '../routes.ts';
import { withoutCredentials } from './config-dump.ts';
import type { AskEnvoy } from './envoy-admin.ts';
import { type InspectedMeshes, subjectOf } from './inspected-meshes.ts';
import { type AskServing, answerOfServing } from './live-proxy.ts';

export interface EnvoyAdminRoutesOptions {
  readonly meshes: InspectedMeshes;
  readonly access: Access;
  readonly askEnvoy: AskEnvoy;
  readonly askServing?: AskServing | undefined;
}

/** What the Envoy of a proxy says of itself right now. */
export function addEnvoyAdminRoutes(app: FastifyInstance, options: EnvoyAdminRoutesOptions): void {
  const { meshes, access, askEnvoy } = options;
  const add = (name: string, action: Action, pathOf: (request: FastifyRequest) => string, shown = asItIs) => {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      demand(access, request, action);
      const subject = subjectOf(request, meshes);
      const elsewhere = await answerOfServing({ request, reply, subject }, options);
      if (elsewhere) return elsewhere;
      const answer = await askEnvoy(subject, meshes.connected(subject.dataplane), pathOf(request)).catch((error: Error) => {
        throw new ApiError(
          500,
          'Could not reach Envoy',
          `the Envoy of dataplane "${subject.dataplane.name}" cannot be asked: ${error.message}`,
        );
      });
      reply.type(answer.contentType);
      return shown(answer.body);
    };
    addPath(app, `/meshes/:mesh/dataplanes/:name/${name}`, { GET: handler }, { anyType: true });
  };
  add(
    'xds',
    'viewConfigDump',
    (request) => (queryOf(request).include_eds === 'true' ? '/config_dump?include_eds' : '/config_dump'),
    withoutCredentials,
  );
  add('stats', 'viewStats', (request) => formatted('/stats', request));
  add('clusters', 'viewClusters', (request) => formatted('/clusters', request));
}

function asItIs(body: string): string {
  return body;
}

function formatted(path: string, request: FastifyRequest): string {
  return queryOf(request).format === 'json' ? `${path}?format=json` : path;
}
