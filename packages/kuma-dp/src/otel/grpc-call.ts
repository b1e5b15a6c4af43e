import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';

/** An answer of gRPC other than OK. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
}

/**
 * Unary calls to one method over a Unix socket, one after the other on one connection; what they answer is not looked at.
 * @param limit milliseconds for each
 * @throws GrpcError, or the connection's error
 */
export async function callEach(socket: string, method: string, messages: readonly Uint8Array[], limit: number): Promise<void> {
  const session = connect('http://localhost', { createConnection: () => connectSocket(socket) });
  const broken = new Promise<never>((_, reject) => session.once('error', reject));
  broken.catch(() => undefined);
  try {
    for (const message of messages) await Promise.race([broken, call(session, { method, message, limit })]);
  } finally {
    session.destroy();
  }
}

export interface GrpcCall {
  readonly method: string;
  readonly message: Uint8Array;
  /** Milliseconds. */
  readonly limit: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly gzip?: boolean;
}

/**
 * One unary call; what it answers is not looked at.
 * @throws GrpcError, or the stream's error
 */
export function call(session: ClientHttp2Session, { method, message, limit, headers, gzip = false }: GrpcCall): Promise<void> {
  const stream = session.request({
    ...headers,
    ...(gzip && { 'grpc-encoding': 'gzip' }),
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: method,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  return outcome(stream, limit, framed(message, gzip));
}

type Stream = ReturnType<ReturnType<typeof connect>['request']>;

function outcome(stream: Stream, limit: number, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let status: IncomingHttpHeaders = {};
    const late = setTimeout(() => {
      stream.close(constants.NGHTTP2_CANCEL);
      reject(new GrpcError(`no answer within ${limit} ms`));
    }, limit);
    // A refusal may have no body, and its status among the headers then.
    stream.on('response', (headers) => {
      status = headers;
    });
    stream.on('trailers', (trailers) => {
      status = { ...status, ...trailers };
    });
    stream.on('error', reject);
    stream.on('close', () => {
      clearTimeout(late);
      const { 'grpc-status': code, 'grpc-message': text, ':status': http } = status as Record<string, unknown>;
      if (code === '0') resolve();
      else reject(new GrpcError(code === undefined ? `status ${http ?? 'unknown'} of HTTP` : `status ${code}: ${decoded(text)}`));
    });
    stream.resume();
    stream.end(body);
  });
}

/** Whether it is compressed, and its length. */
function framed(message: Uint8Array, gzip: boolean): Buffer {
  const body = gzip ? gzipSync(message) : message;
  const head = Buffer.alloc(5);
  head.writeUInt8(gzip ? 1 : 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

function decoded(text: unknown): string {
  try {
    return decodeURIComponent(String(text ?? ''));
  } catch {
    return String(text);
  }
}
