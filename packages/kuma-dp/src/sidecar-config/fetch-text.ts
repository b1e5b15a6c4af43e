import { type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

export interface TextAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
}

export type Target = ({ readonly socketPath: string } | { readonly host: string; readonly port: number }) & {
  readonly path: string;
};

/** Who answers with more than this is not trusted to ever end. */
const largest = 64 * 1024 * 1024;

/**
 * One GET over HTTP/1.1, on a connection of its own.
 * @param limit milliseconds for all of it
 * @throws the connection's error
 */
export function fetchText(target: Target, headers: Readonly<Record<string, string>>, limit: number): Promise<TextAnswer> {
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(limit);
    const outgoing = request({ ...target, headers, agent: false, signal: timeout }, (response) => {
      const body = decoded(response);
      const chunks: Buffer[] = [];
      let size = 0;
      body.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > largest) body.destroy(new Error(`the answer is longer than ${largest} bytes`));
      });
      response.on('error', fail);
      body.on('error', (error) => {
        outgoing.destroy();
        fail(error);
      });
      body.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          etag: response.headers.etag,
          location: response.headers.location,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    const fail = (error: Error) => reject(timeout.aborted ? new Error(`no answer within ${limit} ms`) : error);
    outgoing.on('error', fail);
    outgoing.end();
  });
}

const decoders = new Map<string, () => NodeJS.ReadWriteStream & Readable>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Nobody is asked to compress an answer, and some do. */
function decoded(response: IncomingMessage): Readable {
  const decoder = decoders.get(response.headers['content-encoding']?.toLowerCase() ?? '');
  return decoder ? response.pipe(decoder()) : response;
}
