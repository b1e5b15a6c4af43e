import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Instance } from '../cluster/cluster.ts';
import type { TrustReport } from '../identity/shared-trust.ts';
import type { ProxyKey } from '../pipeline/proxy-key.ts';
import type { InterCpKeys } from './inter-cp-keys.ts';

export interface InterCpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Asks other control planes. */
export interface InterCpClient {
  /** @throws Error when there is no answer */
  get(instance: Instance, path: string): Promise<InterCpAnswer>;
  /** Whether the instance has a stream of the proxy whose peer still answers. One that does not answer has none that matters. */
  alive(instance: Instance, proxy: ProxyKey): Promise<boolean>;
  /** What the proxies of a mesh have that the instance serves; undefined when it does not answer. */
  trust(instance: Instance, mesh: string): Promise<TrustReport | undefined>;
  close(): void;
}

/** Milliseconds. An Envoy that is asked through another control plane has its own time to answer. */
const answerTimeout = 15_000;
const aliveTimeout = 2000;

export function createInterCpClient(keys: InterCpKeys): InterCpClient {
  const { ca, certificate: cert, key } = keys;
  // The authority is theirs alone: whom it vouches for is a control plane, whatever its address.
  const agent = new Agent({ ca, cert, key, keepAlive: true, checkServerIdentity: () => undefined });

  const ask = (instance: Instance, path: string, timeout: number) =>
    new Promise<InterCpAnswer>((resolve, reject) => {
      const call = request({ host: instance.address, port: instance.port, path, agent, timeout }, (response) => {
        const { statusCode: status = 500, headers } = response;
        text(response).then((body) => resolve({ status, contentType: headers['content-type'] ?? 'text/plain', body }), reject);
      });
      call.on('timeout', () => call.destroy(new Error(`no answer within ${timeout / 1000} s`)));
      call.on('error', reject);
      call.end();
    });

  return {
    get: (instance, path) => ask(instance, path, answerTimeout),
    async alive(instance, { mesh, name }) {
      const path = `/meshes/${encodeURIComponent(mesh)}/dataplanes/${encodeURIComponent(name)}/alive`;
      try {
        const { status, body } = await ask(instance, path, aliveTimeout);
        return status === 200 && (JSON.parse(body) as { readonly alive?: unknown }).alive === true;
      } catch {
        return false;
      }
    },
    async trust(instance, mesh) {
      try {
        const { status, body } = await ask(instance, `/meshes/${encodeURIComponent(mesh)}/trust`, aliveTimeout);
        return status === 200 ? (JSON.parse(body) as TrustReport) : undefined;
      } catch {
        return undefined;
      }
    },
    close: () => agent.destroy(),
  };
}
