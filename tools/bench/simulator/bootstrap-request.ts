import { request } from 'node:https';
import { parse } from 'yaml';
import { envoyVersion } from '../../../packages/envoy/src/release.ts';
import type { ClientTls } from './client-tls.ts';

export interface Dataplane {
  readonly type: 'Dataplane';
  readonly mesh: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly networking: {
    readonly address: string;
    readonly inbound: readonly object[];
    readonly outbound: readonly { readonly port: number; readonly tags: Readonly<Record<string, string>> }[];
  };
}

/** What a bootstrap tells a simulated sidecar. */
export interface Bootstrapped {
  readonly node: { readonly id: string; readonly cluster: string; readonly metadata: Readonly<Record<string, unknown>> };
  readonly token: string | undefined;
}

export interface BootstrapOptions {
  readonly controlPlane: URL;
  /** PEM. */
  readonly ca: string;
  readonly tls: ClientTls;
  readonly dataplane: Dataplane;
  readonly token: string | undefined;
  readonly delta: boolean;
}

/** Asks as kuma-dp does. @throws Error with the control plane's words when it refuses */
export async function fetchBootstrap(options: BootstrapOptions): Promise<Bootstrapped> {
  const { controlPlane, ca, tls, dataplane, token, delta } = options;
  const dataplaneResource = JSON.stringify(dataplane);
  const body = JSON.stringify({
    mesh: dataplane.mesh,
    name: dataplane.name,
    proxyType: 'dataplane',
    dataplaneToken: token ?? '',
    dataplaneResource,
    version: { kumaDp: { version: 'simulated' }, envoy: { version: envoyVersion, kumaDpCompatible: true } },
    caCert: ca,
    workdir: '/tmp',
    readinessPort: 9902,
    features: ['feature-tcp-accesslog-via-named-pipe', ...(delta ? ['feature-delta-grpc'] : [])],
  });
  const answer = await post(new URL('/bootstrap', controlPlane), tls, body);
  return readBootstrap(answer, { dataplane: dataplaneResource, delta });
}

/** Metadata of nodes by what their sidecars have in common: parsed once, as a parser costs more than all else that a simulated sidecar does. */
const parsed = new Map<boolean, Bootstrapped['node']['metadata']>();

function readBootstrap(yaml: string, own: { readonly dataplane: string; readonly delta: boolean }): Bootstrapped {
  const node = /^node:\n(?: .*\n)+/m.exec(yaml)?.[0];
  const id = /^ {2}id: (.+)$/m.exec(node ?? '')?.[1];
  const cluster = /^ {2}cluster: (.+)$/m.exec(node ?? '')?.[1];
  if (node === undefined || id === undefined || cluster === undefined) throw new Error(`the bootstrap has no node:\n${yaml}`);
  const metadata = parsed.get(own.delta) ?? parse(node).node.metadata;
  parsed.set(own.delta, metadata);
  const token = /^ *- key: authorization\n *value: (.+)$/m.exec(yaml)?.[1];
  return { node: { id, cluster, metadata: { ...metadata, 'dataplane.resource': own.dataplane } }, token };
}

function post(url: URL, tls: ClientTls, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false, ...tls } as const;
    const call = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`bootstrap: ${response.statusCode} ${text}`)),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}
