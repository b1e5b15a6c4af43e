import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface ApiAnswer {
  readonly status: number;
  /** What is read may be older than what was written. */
  readonly stale: boolean;
  readonly body: string;
}

/** One call on a connection of its own, so that a balancer gives each to another control plane. @throws Error when the connection is cut */
export function callApi(url: string, method: 'GET' | 'PUT' | 'DELETE' = 'GET', content?: object): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method, agent: false, headers: { 'content-type': 'application/json' } }, (response) => {
      const { statusCode: status = 0, headers } = response;
      const stale = headers['x-kuma-stale-seconds'] !== undefined;
      text(response).then((body) => resolve({ status, stale, body }), reject);
    });
    call.on('error', reject);
    call.end(content && JSON.stringify(content));
  });
}
