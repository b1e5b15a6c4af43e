import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEnvoy } from '@kuma-mesh/envoy';
import type { TestServer } from './test-server.ts';

/** The real Envoy, or why there is none. */
export const envoy: { readonly path?: string; readonly missing?: string } = await findEnvoy().then(
  (path) => ({ path }),
  (error: Error) => ({ missing: error.message }),
);

export interface RealEnvoy extends AsyncDisposable {
  readonly process: ChildProcess;
  /** GET on Envoy's admin endpoint. */
  admin(path: string): Promise<string>;
  log(): string;
}

/** Runs an Envoy that takes its configuration from the server, as `<mesh>.<name>`. */
export async function startEnvoy(
  { server, certificate }: TestServer,
  options: { readonly form: 'DELTA_GRPC' | 'GRPC'; readonly id?: string; readonly logLevel?: string },
): Promise<RealEnvoy> {
  const folder = await mkdtemp(join(tmpdir(), 'envoy-ads-'));
  const file = join(folder, 'bootstrap.json');
  const adminPath = join(folder, 'admin.sock');
  await writeFile(file, JSON.stringify(bootstrap({ ...options, port: server.port, certificate, adminPath })), { mode: 0o600 });
  const args = ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', options.logLevel ?? 'warning'];
  const child = spawn(envoy.path!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  return {
    process: child,
    admin: (path) => get(adminPath, path),
    log: () => log,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true });
    },
  };
}

function bootstrap(options: { form: string; id?: string; port: number; certificate: string; adminPath: string }) {
  const ads = { resourceApiVersion: 'V3', ads: {} };
  return {
    node: { id: options.id ?? 'default.web', cluster: 'web', metadata: { version: { envoy: { version: '1.40.0' } } } },
    admin: { address: { pipe: { path: options.adminPath } } },
    dynamicResources: {
      ldsConfig: ads,
      cdsConfig: ads,
      adsConfig: {
        apiType: options.form,
        transportApiVersion: 'V3',
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{ envoyGrpc: { clusterName: 'ads_cluster' } }],
      },
    },
    staticResources: {
      clusters: [
        {
          name: 'ads_cluster',
          type: 'STATIC',
          connectTimeout: '1s',
          loadAssignment: {
            clusterName: 'ads_cluster',
            endpoints: [
              { lbEndpoints: [{ endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue: options.port } } } }] },
            ],
          },
          typedExtensionProtocolOptions: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
              explicitHttpConfig: { http2ProtocolOptions: {} },
            },
          },
          transportSocket: {
            name: 'envoy.transport_sockets.tls',
            typedConfig: {
              '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
              sni: 'localhost',
              commonTlsContext: { validationContext: { trustedCa: { inlineString: options.certificate } } },
            },
          },
        },
      ],
    },
  };
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body));
    });
    call.on('error', reject);
    call.end();
  });
}
