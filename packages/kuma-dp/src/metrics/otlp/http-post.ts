import { request } from 'node:http';

/**
 * Posts to one path over a Unix socket, one after the other; what is answered is not looked at.
 * @param limit milliseconds for each
 * @throws the connection's error, or one that names the status
 */
export async function postEach(socket: string, path: string, messages: readonly Uint8Array[], limit: number): Promise<void> {
  for (const message of messages) {
    const status = await post(socket, path, message, limit);
    if (status < 200 || status > 299) throw new Error(`status ${status} of HTTP`);
  }
}

function post(socketPath: string, path: string, body: Uint8Array, limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(limit);
    const fail = (error: Error) => reject(timeout.aborted ? new Error(`no answer within ${limit} ms`) : error);
    const headers = { host: 'localhost', 'content-type': 'application/x-protobuf', 'content-length': body.length };
    const outgoing = request({ socketPath, path, method: 'POST', headers, agent: false, signal: timeout }, (response) => {
      response.on('error', fail);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}
