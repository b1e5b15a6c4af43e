import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import { buildProxy } from '@kuma-mesh/core-model/proxy/index.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { applyChanges, emptySnapshot } from '@kuma-mesh/core-model/snapshot/index.ts';
import { encodeProxy, resourceToJson, typeUrls } from '@kuma-mesh/xds-encode/index.ts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EnvoyAdminKeys, ensureEnvoyAdminKeys } from '../../defaults/envoy-admin-keys.ts';
import { SigningPool } from '../../identity/signing-pool.ts';
import { createMemoryStore } from '../../store/memory-store.ts';
import { freePort } from '../../stream/testing/free-port.ts';
import { envoy } from '../../stream/testing/real-envoy.ts';
import { withoutCredentials } from './config-dump.ts';
import { createEnvoyAdmin } from './envoy-admin.ts';
import type { InspectedProxy, Subject } from './inspected-meshes.ts';

/** A loopback address other than the one that Envoy's own admin interface is assumed at. */
const address = '127.0.0.2';

describe.skipIf(envoy.missing)(`the admin interface of a real Envoy${envoy.missing ? ` (${envoy.missing})` : ''}`, () => {
  let pool: SigningPool;
  let keys: EnvoyAdminKeys;
  let folder: string;
  let child: ChildProcess;
  let port: number;
  let socket: string;

  beforeAll(async () => {
    pool = new SigningPool();
    const store = createMemoryStore();
    keys = await ensureEnvoyAdminKeys(store, pool);
    expect(await ensureEnvoyAdminKeys(store, pool)).toEqual(keys);
    folder = await mkdtemp(join(tmpdir(), 'envoy-admin-'));
    socket = join(folder, 'kuma-envoy-admin.sock');
    port = await freePort();
    const file = join(folder, 'bootstrap.json');
    await writeFile(file, JSON.stringify(bootstrap()), { mode: 0o600 });
    const args = ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error'];
    child = spawn(envoy.path!, args, { stdio: 'ignore' });
    await vi.waitFor(() => ask('pipe'), { timeout: 10_000 });
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(folder, { recursive: true });
    await pool.close();
  });

  function subject(name = 'web'): Subject {
    const networking = { address, inbound: [{ port: 8080, tags: { 'kuma.io/service': 'web' } }] };
    const meta = { mesh: 'm', name, labels: {}, creationTime: '', modificationTime: '', revision: 1 };
    const dataplane: Resource<Dataplane> = { ...meta, type: 'Dataplane', spec: { networking } };
    const mesh: Resource = { ...meta, type: 'Mesh', mesh: '', name: 'm', spec: {} };
    const { snapshot } = applyChanges(emptySnapshot('m'), [{ after: mesh }, { after: dataplane }]);
    return { snapshot, dataplane };
  }
  function proxy(path: string): InspectedProxy {
    const admin = { port, at: { kind: 'pipe' as const, path }, clientCa: keys.ca, server: keys.server };
    return { input: { zone: '', features: new Set(), readinessPort: 9902, admin }, config: undefined };
  }
  /** With the cluster and listener that every proxy is given. */
  function bootstrap() {
    const { dataplane, snapshot } = subject();
    const encoded = encodeProxy(buildProxy(snapshot, { ...proxy(socket).input, dataplane }));
    const named = (typeUrl: string, name: string) => resourceToJson(encoded.get(typeUrl)!.get(name)!);
    const listener = JSON.stringify(named(typeUrls.listener, 'kuma:envoy:admin'));
    const withKey = listener.replace('"[redacted]"', JSON.stringify({ inlineString: keys.server.key }));
    return {
      node: { id: 'm.web', cluster: 'web' },
      admin: { address: { pipe: { path: socket } } },
      staticResources: {
        clusters: [named(typeUrls.cluster, 'kuma:envoy:admin'), named(typeUrls.cluster, 'kuma:readiness')],
        listeners: [JSON.parse(withKey)],
      },
      dynamicResources: {
        adsConfig: {
          apiType: 'GRPC',
          transportApiVersion: 'V3',
          grpcServices: [
            { envoyGrpc: { clusterName: 'kuma:readiness' }, initialMetadata: [{ key: 'authorization', value: 'the-token' }] },
          ],
        },
      },
    };
  }
  function ask(
    way: 'pipe' | 'tls',
    more: { readonly keys?: EnvoyAdminKeys; readonly name?: string; readonly page?: string } = {},
  ) {
    const path = way === 'pipe' ? socket : join(folder, 'elsewhere', 'kuma-envoy-admin.sock');
    return createEnvoyAdmin(more.keys ?? keys)(subject(more.name), proxy(path), more.page ?? '/stats?filter=server.live');
  }

  it('answers over its socket on the same host', async () => {
    expect(await ask('pipe')).toEqual({ contentType: expect.stringContaining('text/plain'), body: 'server.live: 1\n' });
  });

  it('answers at its address over mutual TLS', async () => {
    expect((await ask('tls')).body).toBe('server.live: 1\n');
  });

  it('shows its configuration without the token that the proxy signs in with', async () => {
    const { body } = await ask('pipe', { page: '/config_dump' });
    expect(body).toContain('the-token');
    const shown = withoutCredentials(body);
    expect(shown).not.toContain('the-token');
    expect(shown).toContain('kuma:readiness');
  });

  it('shows nothing to who has no certificate of the authority', async () => {
    const strangers = await ensureEnvoyAdminKeys(createMemoryStore(), pool);
    await expect(ask('tls', { keys: { ...keys, client: strangers.client } })).rejects.toThrow(/unknown ca/i);
    await expect(ask('tls', { keys: { ...keys, ca: strangers.ca } })).rejects.toThrow();
    const { status } = await fetch(`http://${address}:${port}/stats`);
    expect(status).toBe(404);
  });

  it('of another proxy is not taken for the one that was asked for', async () => {
    await expect(ask('pipe', { name: 'other', keys: { ...keys, ca: '' } })).rejects.toThrow();
    await expect(ask('tls', { name: 'other' })).rejects.toThrow(
      `at ${address}:${port} answers the one of m.web; proxies of one address each need a networking.admin.port of their own`,
    );
  });

  it('of a proxy that is not connected is not asked', async () => {
    await expect(createEnvoyAdmin(keys)(subject(), undefined, '/stats')).rejects.toThrow('not connected');
  });
});
