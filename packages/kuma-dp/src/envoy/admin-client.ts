import { request } from 'node:http';
import type { AdminAddress } from '../bootstrap/admin-address.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

/** Envoy's admin interface. */
export interface AdminClient {
  /** @throws the connection's error */
  get(path: string): Promise<AdminAnswer>;
  /** @throws the connection's error */
  post(path: string): Promise<AdminAnswer>;
}

const timeout = 2_000;

export function adminClient(address: AdminAddress): AdminClient {
  const call = (method: string, path: string): Promise<AdminAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        { ...address, method, path, agent: false, headers: { host: 'localhost' }, signal: AbortSignal.timeout(timeout) },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end();
    });
  return { get: (path) => call('GET', path), post: (path) => call('POST', path) };
}
