import type { Readable } from 'node:stream';

/** A request over HTTP/1.1 or HTTP/2, read whole. */
export interface HttpRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** `Host` or `:authority`, with its port if it has one. */
  readonly authority: string;
  readonly accept: string;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;

export interface RequestLimits {
  /** Bytes. */
  readonly maxBody: number;
  /** From a connection's first byte, or its last answer, to the end of a request; milliseconds. */
  readonly requestTimeout: number;
}

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Leaves the stream open when the body is too large, so that the sender can still be told.
 * @throws BodyTooLarge as soon as it is seen to be
 */
export function readBody(stream: Readable, maxBody: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBody) {
        stream.pause();
        reject(new BodyTooLarge());
      } else {
        chunks.push(chunk);
      }
    });
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('the request ended before its body')));
  });
}

export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** Reads a request to its end and answers it. Rejects only when nobody is left to answer to. */
export async function answer(
  head: Omit<HttpRequest, 'body'>,
  stream: Readable,
  { handler, limits }: { readonly handler: HttpHandler; readonly limits: RequestLimits },
): Promise<HttpAnswer> {
  let body: Buffer;
  try {
    body = await readBody(stream, limits.maxBody);
  } catch (error) {
    if (error instanceof BodyTooLarge) {
      return tooLarge(limits.maxBody);
    }
    throw error;
  }
  return handler({ ...head, body });
}

function tooLarge(maxBody: number): HttpAnswer {
  return { status: 413, contentType: 'text/plain; charset=utf-8', body: `the request body is larger than ${maxBody} bytes\n` };
}
