import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';
import { DpError } from '../dp-error.ts';
import type { RunSettings } from '../settings/run-settings.ts';

/** Whom to trust as control plane. */
export interface Trust {
  /** PEM of the CA, empty where none was given. */
  readonly ca: string;
  /** For messages: where the CA comes from. */
  readonly source: string | undefined;
  readonly skipVerify: boolean;
}

export interface CpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The data plane server of a control plane, over HTTP/1.1 and TLS. */
export interface ControlPlane {
  readonly address: URL;
  readonly trust: Trust;
  /**
   * POSTs JSON and reads the whole answer.
   * @throws the connection's error (an `Error` with `code`), or an abort
   */
  post(path: string, body: unknown, options: { readonly timeout: number; readonly signal?: AbortSignal }): Promise<CpAnswer>;
}

export async function readTrust(settings: Pick<RunSettings, 'caCert' | 'caCertFile' | 'skipVerify'>): Promise<Trust> {
  const { caCert, caCertFile, skipVerify } = settings;
  if (!caCert && !caCertFile) return { ca: '', source: undefined, skipVerify };
  const source = caCert ? 'KUMA_CONTROL_PLANE_CA_CERT' : caCertFile!;
  try {
    const ca = caCert ?? (await readFile(caCertFile!, 'utf8'));
    new X509Certificate(ca);
    return { ca, source, skipVerify };
  } catch (cause) {
    const what = caCert ? 'is no PEM certificate' : `cannot be read as a PEM certificate: ${(cause as Error).message}`;
    throw new DpError({
      code: 'KUMA_DP_CA_CERT',
      message: `The CA in ${source} ${what}`,
      hint: 'Correct --ca-cert-file.',
      cause,
    });
  }
}

export function connectTo(address: URL, trust: Trust): ControlPlane {
  const options = {
    host: address.hostname.replace(/^\[|\]$/g, ''),
    port: address.port || 443,
    ca: trust.ca || (trust.skipVerify ? undefined : publicAuthorities()),
    rejectUnauthorized: !trust.skipVerify,
    minVersion: 'TLSv1.2' as const,
    // One request and done: nothing to keep open.
    agent: false as const,
  };
  return {
    address,
    trust,
    post(path, body, { timeout, signal }) {
      const limit = AbortSignal.timeout(timeout);
      return new Promise((resolve, reject) => {
        const outgoing = httpsRequest(
          {
            ...options,
            method: 'POST',
            path,
            headers: { accept: 'application/json', 'content-type': 'application/json' },
            signal: signal ? AbortSignal.any([signal, limit]) : limit,
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                contentType: response.headers['content-type'] ?? '',
                body: Buffer.concat(chunks).toString(),
              }),
            );
          },
        );
        outgoing.on('error', (error) => reject(limit.aborted ? new Error(`no answer within ${timeout} ms`) : error));
        outgoing.end(JSON.stringify(body));
      });
    },
  };
}

/** Node's own list and the system's: a company's CA is often in the latter only. */
function publicAuthorities(): string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')];
}
