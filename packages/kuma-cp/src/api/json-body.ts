import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badRequest } from './api-error.ts';

/** Bodies arrive as text, whatever their type; handlers read them with {@link jsonBody}. */
export function takeBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** JSON has one encoding: clients compare its type with `application/json` alone. */
export function stateJsonPlainly(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    if (String(reply.getHeader('content-type')).startsWith('application/json;')) reply.header('content-type', 'application/json');
    return payload;
  });
}

/** @throws ApiError 400 when the body is no JSON. The message shows none of it, for it may be a secret. */
export function jsonBody(request: FastifyRequest): unknown {
  const text = typeof request.body === 'string' ? request.body : '';
  if (text.trim() === '') throw badRequest('the body must be JSON; it is empty');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body must be JSON${whereWrong((error as Error).message)}`);
  }
}

/** What the parser's message tells beside the text itself. */
function whereWrong(message: string): string {
  const position = /position \d+( \(line \d+ column \d+\))?/.exec(message)?.[0];
  if (position) return `; it is wrong at ${position}`;
  return message.includes('end of JSON')
    ? ', and ends too early'
    : '; this is another format, or has a value that JSON does not know';
}
