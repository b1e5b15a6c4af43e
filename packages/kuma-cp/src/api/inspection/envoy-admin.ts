import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { basename } from 'node:path';
import type { EnvoyAdminKeys } from '../../defaults/envoy-admin-keys.ts';
import type { InspectedProxy, Subject } from './inspected-meshes.ts';

export interface AdminAnswer {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Asks a proxy's Envoy.
 * @param path of Envoy's admin interface, such as `/clusters?format=json`
 * @throws Error that says why it cannot be reached
 */
export type AskEnvoy = (subject: Subject, proxy: InspectedProxy | undefined, path: string) => Promise<AdminAnswer>;

type Ask = (path: string) => Promise<AdminAnswer>;

/** Name of the socket that kuma-dp gives Envoy; no other socket of this host is ever spoken to. */
const socketName = 'kuma-envoy-admin.sock';
const loopback = '127.0.0.1';
const timeout = 10_000;

/**
 * A proxy on this host is asked where its Envoy listens; any other one at its address, over mutual TLS. Proxies of two hosts
 * may state the same socket, and those of one host the same port, so that each is asked first who it is.
 */
export function createEnvoyAdmin(keys: EnvoyAdminKeys): AskEnvoy {
  return async ({ dataplane }, proxy, path) => {
    const admin = proxy?.input.admin;
    if (!admin) throw new Error(proxy ? 'the proxy has no admin interface' : 'the proxy is not connected to this control plane');
    const address = dataplane.spec.networking?.address ?? loopback;
    const { at } = admin;
    const here = at.kind === 'pipe' ? { socketPath: at.path } : { host: at.address, port: at.port };
    const isLocal = at.kind === 'pipe' ? basename(at.path) === socketName : address === at.address;
    const node = `${dataplane.mesh}.${dataplane.name}`;
    if (isLocal) {
      const local: Ask = (asked) => ask(httpRequest, { ...here, path: asked, agent: false });
      // Whatever the reason: it is not there, so it is asked elsewhere, and that has reasons of its own.
      if ((await nodeOf(local).catch(() => undefined)) === node) return local(path);
    }
    const { ca, client } = keys;
    const tls = { ca, cert: client.certificate, key: client.key, checkServerIdentity: () => undefined };
    // Where several Envoys share the port, only what comes over one connection is of one of them.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const remote: Ask = (asked) => ask(httpsRequest, { host: address, port: admin.port, path: asked, agent, ...tls });
    try {
      const answering = await nodeOf(remote);
      if (answering === node) return await remote(path);
      throw new Error(
        `at ${address}:${admin.port} answers the one of ${answering}; proxies of one address each need a networking.admin.port of their own`,
      );
    } finally {
      agent.destroy();
    }
  };
}

/** Id of the node, mesh and name of its Dataplane. */
async function nodeOf(envoy: Ask): Promise<string | undefined> {
  const { body } = await envoy('/server_info');
  return (JSON.parse(body) as { readonly node?: { readonly id?: string } }).node?.id;
}

function ask(send: typeof httpRequest, options: RequestOptions): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const request = send({ ...options, timeout }, (response) => {
      read(response).then(resolve, reject);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    request.on('error', reject);
    request.end();
  });
}

async function read(response: IncomingMessage): Promise<AdminAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  if (response.statusCode !== 200) throw new Error(`Envoy answered ${response.statusCode}: ${body.trim().slice(0, 200)}`);
  return { body, contentType: response.headers['content-type'] ?? 'text/plain' };
}
