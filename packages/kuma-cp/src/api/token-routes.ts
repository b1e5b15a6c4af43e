import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../auth/access.ts';
import type { TokenIssuer } from '../auth/issue-token.ts';
import { jsonBody } from './json-body.ts';
import { demand } from './request-user.ts';
import { addPath, type Handler } from './routes.ts';
import { readDataplaneTokenRequest, readUserTokenRequest, readZoneTokenRequest } from './token-requests.ts';

/** Tokens for proxies, zones and users. */
export function addTokenRoutes(
  app: FastifyInstance,
  { issuer, access }: { readonly issuer: TokenIssuer; readonly access: Access },
): void {
  const addTokenPath = (path: string, issue: (request: FastifyRequest) => Promise<string>) => {
    const handler: Handler = async (request, reply: FastifyReply) => {
      reply.type('text/plain');
      return issue(request);
    };
    addPath(app, path, { POST: handler }, { anyType: true });
  };
  addTokenPath('/tokens/dataplane', async (request) => {
    demand(access, request, 'generateDpToken');
    const { claims, validForSeconds } = readDataplaneTokenRequest(jsonBody(request));
    return issuer.dataplane(claims, validForSeconds);
  });
  addTokenPath('/tokens/zone', async (request) => {
    demand(access, request, 'generateZoneToken');
    const { claims, validForSeconds } = readZoneTokenRequest(jsonBody(request));
    return issuer.zone(claims, validForSeconds);
  });
  addTokenPath('/tokens/user', async (request) => {
    demand(access, request, 'generateUserToken');
    const { claims, validForSeconds } = readUserTokenRequest(jsonBody(request));
    return issuer.user(claims, validForSeconds);
  });
}
