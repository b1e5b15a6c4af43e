import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../api-error.ts';
import type { InspectedMeshes, Subject } from './inspected-meshes.ts';

/** Asks the control plane that serves a proxy; undefined when that is this one, or nobody. */
export type AskServing = (
  proxy: { readonly mesh: string; readonly name: string },
  path: string,
) => Promise<{ readonly status: number; readonly contentType: string; readonly body: string }> | undefined;

/**
 * Answers what only the control plane knows that serves the proxy, if that is another one.
 * @returns undefined when this one has to answer
 * @throws ApiError 500 when the other one does not answer
 */
export async function answerOfServing(
  { request, reply, subject }: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly subject: Subject },
  { meshes, askServing }: { readonly meshes: InspectedMeshes; readonly askServing?: AskServing | undefined },
): Promise<Buffer | undefined> {
  const { mesh, name } = subject.dataplane;
  if (meshes.connected({ mesh, name })) return undefined;
  const asked = askServing?.({ mesh, name }, request.url);
  if (asked === undefined) return undefined;
  const { status, contentType, body } = await asked.catch((error: Error) => {
    throw new ApiError(
      500,
      'Could not reach the control plane',
      `the control plane that serves dataplane "${name}" cannot be asked: ${error.message}`,
    );
  });
  reply.code(status).header('content-type', contentType);
  // As bytes: they are what the other one answered, and not a text to be quoted.
  return Buffer.from(body);
}
