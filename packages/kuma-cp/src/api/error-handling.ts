import { replacedKind } from '@kuma-mesh/core-model/resources/replaced-kinds.ts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SigningKeyNotFound } from '../auth/issue-token.ts';
import { ResourceError } from '../resources/resource-error.ts';
import { StoreError } from '../store/store-error.ts';
import { ApiError, errorBody, ProtocolError } from './api-error.ts';
import { answerToResourceError } from './resource-error-answer.ts';

/** Turns whatever handlers throw into answers; what is our fault is logged, and told without its details. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | Error>((error, request, reply) => {
    if (error instanceof ProtocolError) return sendText(reply, error);
    const known = answerTo(error);
    if (!known) request.log.error({ err: error }, 'a request failed');
    return sendError(
      reply,
      known ?? new ApiError(500, 'Internal Server Error', `see the log of the control plane for request ${request.id}`),
    );
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const [, first = '', , third = ''] = path.split('/');
    const replaced = replacedKind(first === 'meshes' ? third : first);
    sendText(reply, new ProtocolError(404, `there is nothing at ${path}${replaced ? `: ${replaced}` : ''}`));
  });
}

/** What cannot even be routed, such as a path with a broken escape. */
export function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  sendError(reply, new ApiError(error.statusCode ?? 400, 'Bad Request', error.message));
}

function answerTo(error: FastifyError | Error): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof ResourceError) return answerToResourceError(error);
  if (error instanceof SigningKeyNotFound) return new ApiError(404, 'Signing Key not found', error.message);
  if (error instanceof StoreError) return answerToStoreError(error);
  const { statusCode = 500 } = error as FastifyError;
  if (statusCode === 413) return new ApiError(413, 'Request Entity Too Large', error.message);
  return statusCode < 500 ? new ApiError(statusCode, 'Bad Request', error.message) : undefined;
}

function answerToStoreError({ code, message, hint }: StoreError): ApiError | undefined {
  const detail = hint ? `${message}; ${hint}` : message;
  switch (code) {
    case 'exists':
    case 'not-found':
    case 'conflict':
      return new ApiError(409, 'Conflict', detail);
    case 'full':
      return new ApiError(507, 'Insufficient Storage', detail);
    case 'unavailable':
      return new ApiError(503, 'Service Unavailable', detail);
    default:
      return undefined;
  }
}

function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  // As bytes: Fastify states a charset for everything else, and no hook sees an answer to what cannot be routed.
  return reply
    .code(error.status)
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(errorBody(error))));
}

function sendText(reply: FastifyReply, { status, message }: ProtocolError): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${status}: ${message}\n`);
}
