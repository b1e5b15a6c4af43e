import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import { parseResource } from '@kuma-mesh/core-model/resources/parse.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { encodeBootstrap } from '@kuma-mesh/xds-encode/bootstrap/encode-bootstrap.ts';
import type { Logger } from 'pino';
import type { ResourceStore } from '../../store/store.ts';
import type { HttpAnswer, HttpHandler, HttpRequest } from '../http-exchange.ts';
import { certificateNames, isAuthority } from '../server-certificate.ts';
import { bootstrapParams } from './bootstrap-params.ts';
import { type BootstrapRequest, readBootstrapRequest } from './bootstrap-request.ts';
import type { BootstrapSettings } from './bootstrap-settings.ts';

export interface BootstrapOptions {
  readonly store: Pick<ResourceStore, 'get' | 'fresh'>;
  /** PEM of the data plane port's certificate. */
  readonly certificate: string;
  /** The port at which the data plane port listens. */
  readonly port: () => number;
  readonly settings: BootstrapSettings;
  readonly log: Logger;
}

/** Answers `POST /bootstrap`, by which a sidecar learns how to start its Envoy. The token is checked later, on the stream. */
export function createBootstrapHandler(options: BootstrapOptions): HttpHandler {
  return async (request) => (request.method === 'POST' ? bootstrap(request, options) : refusal(405, 'only POST is served here'));
}

async function bootstrap(
  request: HttpRequest,
  { store, certificate, port, settings, log }: BootstrapOptions,
): Promise<HttpAnswer> {
  const asked = readBootstrapRequest(request.body);
  if (!asked) {
    return refusal(400, 'the request body must be a JSON object');
  }
  if (asked.proxyType !== 'dataplane') {
    log.warn({ proxyType: asked.proxyType }, 'bootstrap of an unknown proxy type');
    return { status: 500 };
  }
  const host = settings.xdsHost || hostOf(request.authority);
  const ca = asked.caCert || certificate;
  const connection = connectionProblem(host, ca, certificate);
  if (connection) {
    return refusal(400, connection);
  }
  if (settings.tokenRequired && !asked.dataplaneToken && !asked.dataplaneTokenPath) {
    return refusal(
      422,
      'a dataplane token is required: make one with "kumactl generate dataplane-token" and pass it with --dataplane-token-file',
    );
  }
  const mesh = { type: 'Mesh', mesh: '', name: asked.mesh };
  // What it asks for may have been created or changed a moment ago, by way of another control plane.
  if (asked.dataplaneResource === '' || !(await store.get(mesh))) {
    await store.fresh?.();
  }
  if (!(await store.get(mesh))) {
    return refusal(422, `mesh ${JSON.stringify(asked.mesh)} does not exist`);
  }
  const dataplane = await dataplaneOf(asked, store);
  if (!dataplane) {
    return { status: 404 };
  }
  if ('problems' in dataplane) {
    return refusal(422, `the Dataplane is not valid:\n${dataplane.problems.join('\n')}`);
  }
  // Where several control planes stand behind one address, the sidecar is to come back to that one.
  const reached = portOf(request.authority);
  const controlPlane = {
    host,
    port: settings.xdsPort || (settings.xdsHost === '' && reached) || port(),
    ca,
    connectTimeout: settings.xdsConnectTimeout,
  };
  const { yaml } = encodeBootstrap(bootstrapParams({ asked, dataplane, controlPlane, settings }));
  log.debug({ mesh: asked.mesh, proxy: asked.name || dataplane.name }, 'bootstrap given');
  return request.accept === 'application/json'
    ? { status: 200, contentType: 'application/json', body: JSON.stringify(sidecarAnswer(yaml, dataplane)) }
    : { status: 200, contentType: 'text/x-yaml', body: yaml };
}

/** Why the proxy would not trust the control plane under this name. */
function connectionProblem(host: string, ca: string, certificate: string): string | undefined {
  if (!certificateNames(certificate, host)) {
    return (
      `the control plane's certificate is not for ${JSON.stringify(host)}: use an address that is among its subject alternative ` +
      'names as --cp-address, or give the control plane a certificate that has this one'
    );
  }
  const authority = isAuthority(ca);
  if (authority === undefined) {
    return 'caCert is not a PEM certificate';
  }
  return authority
    ? undefined
    : "the certificate to check the control plane with is no certificate authority's: pass the one that signed it with --ca-cert-file";
}

type Refused = { readonly problems: readonly string[] };

async function dataplaneOf(
  asked: BootstrapRequest,
  store: Pick<ResourceStore, 'get'>,
): Promise<ResourceDraft<Dataplane> | Refused | undefined> {
  if (asked.dataplaneResource === '') {
    return (await store.get({ type: 'Dataplane', mesh: asked.mesh, name: asked.name })) as ResourceDraft<Dataplane> | undefined;
  }
  let json: unknown;
  try {
    json = JSON.parse(asked.dataplaneResource);
  } catch {
    return { problems: ['dataplaneResource: expected JSON'] };
  }
  const parsed = parseResource(json, { type: 'Dataplane', defaultMesh: asked.mesh });
  return parsed.ok
    ? (parsed.draft as ResourceDraft<Dataplane>)
    : { problems: parsed.problems.map(({ field, reason }) => (field ? `${field}: ${reason}` : reason)) };
}

function sidecarAnswer(yaml: string, dataplane: ResourceDraft<Dataplane>) {
  return {
    bootstrap: Buffer.from(yaml).toString('base64'),
    kumaSidecarConfiguration: {
      networking: { corefileTemplate: null, address: dataplane.spec.networking?.address ?? '' },
      metrics: { aggregate: [] },
    },
  };
}

/** Without port; an IPv6 address without brackets. */
function hostOf(authority: string): string {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(authority);
  return match?.[1] ?? match?.[2] ?? authority;
}

/** Undefined when it is the scheme's. */
function portOf(authority: string): number | undefined {
  const port = /:(\d+)$/.exec(authority)?.[1];
  return port === undefined ? undefined : Number(port);
}

function refusal(status: number, text: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}
