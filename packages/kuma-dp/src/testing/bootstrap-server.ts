import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type Certificate, selfSigned } from './certificate.ts';

export interface BootstrapRequest {
  readonly mesh: string;
  readonly name: string;
  readonly workdir: string;
  readonly dataplaneToken: string;
  readonly [field: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
  /** Sent in the JSON form when the client accepts it. */
  readonly bootstrap?: string;
}

export interface BootstrapServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly ca: string;
  /** Bodies of the requests to `/bootstrap`, in order. */
  readonly requests: readonly BootstrapRequest[];
  readonly headers: readonly NodeJS.Dict<string | string[]>[];
  /** Bodies of the requests to `/drain`, in order. */
  readonly farewells: readonly unknown[];
}

export interface ServerOptions {
  readonly answer: (request: BootstrapRequest) => Answer;
  readonly port?: number;
  readonly certificate?: Certificate;
  /** Status of `/drain`; Kuma's control plane has no such path. */
  readonly drainStatus?: number;
  readonly onDrain?: () => void;
}

/** A TLS server that speaks the protocol of `POST /bootstrap`. */
export async function startBootstrapServer(options: ServerOptions): Promise<BootstrapServer> {
  const certificate = options.certificate ?? (await selfSigned(['localhost', '127.0.0.1']));
  const requests: BootstrapRequest[] = [];
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const farewells: unknown[] = [];
  const server = createServer({ cert: certificate.certificate, key: certificate.key }, async (request, response) => {
    const body = await json(request);
    if (request.method === 'POST' && request.url === '/bootstrap') {
      requests.push(body as BootstrapRequest);
      headers.push(request.headers);
      const { status, body: text = '', bootstrap } = options.answer(body as BootstrapRequest);
      if (bootstrap === undefined) return response.writeHead(status).end(text);
      return response.writeHead(status, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          bootstrap: Buffer.from(bootstrap).toString('base64'),
          kumaSidecarConfiguration: { networking: {}, metrics: { aggregate: null } },
        }),
      );
    }
    if (request.method === 'POST' && request.url === '/drain' && options.drainStatus) {
      farewells.push(body);
      options.onDrain?.();
      return response.writeHead(options.drainStatus).end();
    }
    return response.writeHead(404).end('404: Page Not Found');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    ca: certificate.certificate,
    requests,
    headers,
    farewells,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
