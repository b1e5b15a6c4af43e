import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMemoryStore } from '../../store/memory-store.ts';
import { serverCertificate } from '../../stream/testing/server-certificate.ts';
import { createBootstrapHandler } from './bootstrap-handler.ts';
import type { BootstrapSettings } from './bootstrap-settings.ts';

const settings: BootstrapSettings = {
  adminPort: 9901,
  adminAddress: '127.0.0.1',
  adminUnixSocket: true,
  readinessPort: 9902,
  xdsHost: '',
  xdsPort: 0,
  xdsConnectTimeout: 1_000,
  tokenRequired: true,
  reloadableTokens: false,
  healthDiscovery: false,
};

const dataplane = {
  type: 'Dataplane',
  mesh: 'default',
  name: 'web-1',
  networking: {
    address: '127.0.0.1',
    inbound: [{ port: 8080, servicePort: 80, tags: { 'kuma.io/service': 'web', 'kuma.io/protocol': 'http' } }],
  },
};

const request = {
  mesh: 'default',
  name: 'web-1',
  proxyType: 'dataplane',
  dataplaneToken: 'the.token',
  dataplaneResource: JSON.stringify(dataplane),
  version: { kumaDp: { version: '2.14.0' }, envoy: { version: '1.40.0', kumaDpCompatible: true } },
  workdir: '/run/dp',
  features: ['feature-tcp-accesslog-via-named-pipe'],
  dynamicMetadata: { team: 'a' },
  readinessPort: 9999,
  dnsPort: 15_053,
};

const { certificate } = await serverCertificate;

interface Ask {
  readonly body?: unknown;
  readonly settings?: Partial<BootstrapSettings>;
  readonly authority?: string;
  readonly accept?: string;
  readonly method?: string;
}

async function ask({ body = request, authority = 'localhost:5678', accept = 'application/json', method = 'POST', ...more }: Ask) {
  const store = createMemoryStore();
  await store.write([
    { op: 'create', draft: { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} } },
    {
      op: 'create',
      draft: { type: 'Dataplane', mesh: 'default', name: 'stored', labels: {}, spec: { networking: dataplane.networking } },
    },
  ]);
  const handler = createBootstrapHandler({
    store,
    certificate,
    port: () => 5678,
    settings: { ...settings, ...more.settings },
    log: pino({ level: 'silent' }),
  });
  return handler({
    method,
    path: '/bootstrap',
    authority,
    accept,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
}

describe('POST /bootstrap', () => {
  test("answers with Envoy's bootstrap and what the sidecar itself needs", async () => {
    const { status, contentType, body } = await ask({});
    expect({ status, contentType }).toEqual({ status: 200, contentType: 'application/json' });
    const { bootstrap, kumaSidecarConfiguration } = JSON.parse(body!);
    expect(kumaSidecarConfiguration).toMatchObject({ networking: { address: '127.0.0.1' }, metrics: { aggregate: [] } });
    expect(parse(Buffer.from(bootstrap, 'base64').toString())).toMatchObject({
      node: {
        id: 'default.web-1',
        cluster: 'web',
        metadata: {
          'dataplane.resource': request.dataplaneResource,
          'dataplane.admin.port': '9901',
          'dataplane.admin.socketPath': '/run/dp/kuma-envoy-admin.sock',
          'dataplane.readinessReporter.port': '9999',
          'dataplane.dns.port': '15053',
          dynamicMetadata: { team: 'a' },
          features: request.features,
        },
      },
    });
  });

  test('answers with bare YAML to who does not ask for JSON', async () => {
    const { contentType, body } = await ask({ accept: '*/*' });
    expect(contentType).toBe('text/x-yaml');
    expect(parse(body!)).toMatchObject({ node: { id: 'default.web-1' } });
  });

  test('uses a Dataplane that is stored', async () => {
    const { body } = await ask({ body: { ...request, name: 'stored', dataplaneResource: '' }, accept: '' });
    const bootstrap = parse(body!);
    expect(bootstrap.node).toMatchObject({ id: 'default.stored', cluster: 'web' });
    expect(bootstrap.node.metadata['dataplane.resource']).toBeUndefined();
  });

  test('points Envoy at the address at which the sidecar asked, or at the one that is set', async () => {
    expect((await ask({ authority: '127.0.0.1:5678', accept: '' })).body).toMatch(/127\.0\.0\.1/);
    const { body } = await ask({ authority: 'elsewhere', accept: '', settings: { xdsHost: 'localhost', xdsPort: 7777 } });
    expect(JSON.stringify(parse(body!).staticResources.clusters)).toContain('7777');
    const behind = await ask({ authority: 'localhost:8888', accept: '' });
    expect(JSON.stringify(parse(behind.body!).staticResources.clusters)).toContain('8888');
  });

  test('speaks deltas to a sidecar that announces them', async () => {
    const apiType = async (features: string[]) =>
      parse((await ask({ body: { ...request, features }, accept: '' })).body!).dynamicResources.adsConfig.apiType;
    expect(await apiType([])).toBe('GRPC');
    expect(await apiType(['feature-delta-grpc'])).toBe('DELTA_GRPC');
  });

  test('gives the token as text, or as a file where those are read again', async () => {
    const ads = async (reloadableTokens: boolean) => {
      const body = { ...request, dataplaneTokenPath: '/run/token' };
      return JSON.stringify(
        parse((await ask({ body, accept: '', settings: { reloadableTokens } })).body!).dynamicResources.adsConfig,
      );
    };
    expect(await ads(false)).toMatch(/the\.token/);
    expect(await ads(true)).toMatch(/\/run\/token/);
    expect(await ads(true)).not.toMatch(/the\.token/);
  });

  test('takes an old request that says little', async () => {
    const body = { mesh: 'default', name: 'stored', dataplaneToken: 't', adminPort: 30_001, features: null, resources: null };
    expect((await ask({ body })).status).toBe(200);
  });

  test.each<[string, Ask, number, RegExp | undefined]>([
    ['no body', { body: '' }, 400, /JSON/],
    ['a body that is no JSON', { body: '{' }, 400, /JSON/],
    ['a body that is no object', { body: [] }, 400, /JSON/],
    ['a host that the certificate does not name', { authority: 'other.example:5678' }, 400, /"other\.example".*--cp-address/s],
    ['a CA that is no certificate', { body: { ...request, caCert: 'x' } }, 400, /caCert/],
    ['no token', { body: { ...request, dataplaneToken: '' } }, 422, /--dataplane-token-file/],
    ['a mesh that does not exist', { body: { ...request, mesh: 'nowhere' } }, 422, /"nowhere"/],
    ['a Dataplane that is no JSON', { body: { ...request, dataplaneResource: 'type: Dataplane' } }, 422, /dataplaneResource/],
    [
      'a Dataplane that is not valid',
      { body: { ...request, dataplaneResource: JSON.stringify({ ...dataplane, networking: { inbound: [{ port: 0 }] } }) } },
      422,
      /networking\.address.*networking\.inbound\[0\]\.port/s,
    ],
    ['neither a Dataplane sent nor one stored', { body: { ...request, name: 'nobody', dataplaneResource: '' } }, 404, undefined],
    ['a proxy of another type', { body: { ...request, proxyType: 'ingress' } }, 500, undefined],
    ['another method', { method: 'GET' }, 405, /POST/],
  ])('refuses %s', async (_, what, status, text) => {
    const answer = await ask(what);
    expect(answer.status).toBe(status);
    expect(answer.body ?? '').toMatch(text ?? /^$/);
  });

  test('needs no token where none is asked for', async () => {
    const answer = await ask({ body: { ...request, dataplaneToken: '' }, settings: { tokenRequired: false } });
    expect(answer.status).toBe(200);
  });

  test('never shows the token in a refusal', async () => {
    const answer = await ask({ body: { ...request, dataplaneToken: 'very.secret', mesh: 'nowhere' } });
    expect(answer.body).not.toContain('very.secret');
  });
});
