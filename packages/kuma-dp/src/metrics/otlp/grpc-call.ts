import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';

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
    for (const message of messages) {
      const stream = session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: method,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      await Promise.race([broken, outcome(stream, limit, framed(message))]);
    }
  } finally {
    session.destroy();
  }
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

/** Not compressed, and its length. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function decoded(text: unknown): string {
  try {
    return decodeURIComponent(String(text ?? ''));
  } catch {
    return String(text);
  }
}
