import { type Agent, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { gzipSync } from 'node:zlib';

/**
 * Posts to one path over a Unix socket, one after the other; what is answered is not looked at.
 * @param limit milliseconds for each
 * @throws the connection's error, or one that names the status
 */
export async function postEach(socketPath: string, path: string, messages: readonly Uint8Array[], limit: number): Promise<void> {
  for (const message of messages) await post({ socketPath, path, headers: { host: 'localhost' } }, { message, limit });
}

export interface PostTarget {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A connection for each post when absent. */
  readonly agent?: Agent;
  readonly tls?: boolean;
}

export interface PostedMessage {
  readonly message: Uint8Array;
  /** Milliseconds. */
  readonly limit: number;
  readonly gzip?: boolean;
}

/** @throws the connection's error, or one that names the status */
export function post(
  { tls = false, agent, ...target }: PostTarget,
  { message, limit, gzip = false }: PostedMessage,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(limit);
    const fail = (error: Error) => reject(timeout.aborted ? new Error(`no answer within ${limit} ms`) : error);
    const body = gzip ? gzipSync(message) : message;
    const headers = {
      ...target.headers,
      'content-type': 'application/x-protobuf',
      'content-length': body.length,
      ...(gzip && { 'content-encoding': 'gzip' }),
    };
    const options = { ...target, method: 'POST', headers, agent: agent ?? false, signal: timeout };
    const outgoing = (tls ? secureRequest : request)(options, (response) => {
      const { statusCode = 0 } = response;
      response.on('error', fail);
      response.on('end', () =>
        statusCode >= 200 && statusCode <= 299 ? resolve() : reject(new Error(`status ${statusCode} of HTTP`)),
      );
      response.resume();
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}
