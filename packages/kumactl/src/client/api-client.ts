import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { CliError } from '../cli-error.ts';
import type { ApiServer } from '../config/config-file.ts';
import { readFile } from '../read-file.ts';
import { apiError } from './api-error.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface ApiClientListener {
  /** Told of every request and its status, never of bodies or headers. */
  readonly trace?: ((line: string) => void) | undefined;
  /** Told, with the first answer of which it is so, that what is read may be so many seconds old. */
  readonly stale?: ((seconds: number) => void) | undefined;
}

/**
 * Requests to one control plane's HTTP API.
 *
 * On node:http and not on fetch: fetch takes no CA, no client certificate and costs 20 ms at each start.
 */
export class ApiClient {
  readonly #server: ApiServer;
  readonly #timeout: number;
  readonly #listener: ApiClientListener;
  #staleTold = false;

  /** @param timeout milliseconds */
  constructor(server: ApiServer, timeout: number, listener: ApiClientListener = {}) {
    this.#server = server;
    this.#timeout = timeout;
    this.#listener = listener;
  }

  get url(): string {
    return this.#server.url;
  }

  async getJson<T>(path: string): Promise<T> {
    return JSON.parse((await this.#expectOk('GET', path)).body) as T;
  }

  /** @returns undefined where the control plane answers 404 */
  async findJson<T>(path: string): Promise<T | undefined> {
    const answer = await this.send('GET', path);
    if (answer.status === 404) return undefined;
    if (answer.status >= 300) throw apiError(answer, `GET ${path}`);
    return JSON.parse(answer.body) as T;
  }

  async getText(path: string): Promise<string> {
    return (await this.#expectOk('GET', path)).body;
  }

  async put(path: string, body: unknown): Promise<{ created: boolean; warnings: readonly string[] }> {
    const answer = await this.#expectOk('PUT', path, JSON.stringify(body));
    return { created: answer.status === 201, warnings: warningsOf(answer) };
  }

  async post(path: string, body: unknown): Promise<string> {
    return (await this.#expectOk('POST', path, JSON.stringify(body))).body;
  }

  /** @returns warnings */
  async delete(path: string): Promise<readonly string[]> {
    return warningsOf(await this.#expectOk('DELETE', path));
  }

  async #expectOk(method: string, path: string, body?: string): Promise<Answer> {
    const answer = await this.send(method, path, body);
    if (answer.status >= 300) throw apiError(answer, `${method} ${path}`);
    return answer;
  }

  send(method: string, path: string, body?: string): Promise<Answer> {
    const target = `${this.#server.url.replace(/\/+$/, '')}${path}`;
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(this.#unreachable(cause));
      try {
        const options = this.#options(method, body);
        const send = target.startsWith('https:') ? httpsRequest : httpRequest;
        const request = send(target, options, (response) => {
          this.#listener.trace?.(`${method} ${target} ${response.statusCode}`);
          this.#tellStale(response);
          readBody(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), fail);
        });
        request.on('error', fail);
        request.setTimeout(this.#timeout, () => request.destroy(new Error(`no answer within ${this.#timeout / 1000} s`)));
        request.end(body);
      } catch (cause) {
        fail(cause as Error);
      }
    });
  }

  #tellStale({ headers }: IncomingMessage): void {
    const seconds = headers['x-kuma-stale-seconds'];
    if (seconds === undefined || this.#staleTold) return;
    this.#staleTold = true;
    this.#listener.stale?.(Number(seconds));
  }

  #options(method: string, body: string | undefined): RequestOptions {
    const server = this.#server;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    for (const { key, value } of server.headers ?? []) headers[key.toLowerCase()] = value;
    if (server.authType === 'tokens' && server.authConf?.token) headers.authorization = `Bearer ${server.authConf.token}`;
    return {
      method,
      headers,
      ...(server.caCertFile ? { ca: readPem(server.caCertFile) } : {}),
      ...(server.clientCertFile ? { cert: readPem(server.clientCertFile) } : {}),
      ...(server.clientKeyFile ? { key: readPem(server.clientKeyFile) } : {}),
      ...(server.skipVerify ? { rejectUnauthorized: false } : {}),
    };
  }

  #unreachable(cause: Error): Error {
    if (cause instanceof CliError) return cause;
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const detail = cause.message || code;
    if (code.startsWith('ERR_OSSL_')) {
      return new CliError({
        code: 'CLIENT_CERTIFICATE',
        message: `the client certificate or its key is of no use: ${detail}`,
        cause,
      });
    }
    const certificate = code.includes('CERT') || code.startsWith('UNABLE_TO_') || code === 'ERR_TLS_CERT_ALTNAME_INVALID';
    return new CliError({
      code: certificate ? 'CERTIFICATE_REFUSED' : 'CONTROL_PLANE_UNREACHABLE',
      message: certificate
        ? `the certificate of the control plane at ${this.url} is not trusted: ${detail}`
        : `cannot reach the control plane at ${this.url}: ${detail}`,
      hint: certificate
        ? 'kumactl config control-planes add … --ca-cert-file FILE (the control plane keeps its own in kuma-cp.crt of its work directory)'
        : 'is kuma-cp running there? `kumactl config control-planes list` shows the address in use',
      cause,
    });
  }
}

function readPem(file: string): string {
  const text = readFile(file);
  if (!text.includes('-----BEGIN '))
    throw new CliError({ code: 'FILE_UNREADABLE', message: `there is nothing in PEM in ${file}` });
  return text;
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function warningsOf({ body }: Answer): readonly string[] {
  const parsed = body === '' ? {} : (JSON.parse(body) as { warnings?: readonly string[] });
  return parsed.warnings ?? [];
}
