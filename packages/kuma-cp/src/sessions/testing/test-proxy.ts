import { EventEmitter, once } from 'node:events';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { type EncodedProxy, type EncodedResource, resourceToJson, typeUrls } from '@kuma-mesh/xds-encode/index.ts';
import type { ProxyNode, ProxySession, ProxySessions } from '../../stream/session.ts';

export interface TestProxyOptions {
  readonly mesh?: string;
  readonly name: string;
  /** Value of `kuma.io/service`; none for a proxy that brings no Dataplane. */
  readonly service?: string;
  readonly port?: number;
  readonly calls?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly alive?: () => Promise<boolean>;
}

export function dataplaneOf({
  mesh = 'default',
  name,
  service,
  port = 8080,
  calls = [],
  tags,
}: TestProxyOptions): ResourceDraft<Dataplane> {
  return {
    type: 'Dataplane',
    mesh,
    name,
    labels: {},
    spec: {
      networking: {
        address: '127.0.0.1',
        inbound:
          service === undefined ? [] : [{ port, tags: { 'kuma.io/service': service, 'kuma.io/protocol': 'http', ...tags } }],
        outbound: calls.map((called, index) => ({ port: 20_000 + index, tags: { 'kuma.io/service': called } })),
      },
    },
  };
}

export function nodeOf(options: TestProxyOptions): ProxyNode {
  const { mesh = 'default', name, service, token, alive } = options;
  return {
    mesh,
    name,
    token,
    dataplane: service === undefined ? undefined : dataplaneOf(options),
    proxyType: 'dataplane',
    features: new Set(),
    metadata: { 'dataplane.admin.port': '9901', 'dataplane.readinessReporter.port': '9902' },
    version: { kumaDp: { version: '0.1.0' }, envoy: { version: '1.40.0' } },
    ...(alive && { alive }),
  };
}

/** The other end of a session: takes every configuration and accepts it, as a stream with an Envoy behind it does. */
export class TestProxy {
  readonly session: ProxySession;
  readonly #events = new EventEmitter();
  readonly #accepted = new Map<string, EncodedResource>();
  /** Accepts nothing while true. */
  stalled = false;
  updates = 0;

  private constructor(session: ProxySession) {
    this.session = session;
    session.onConfig(() => {
      this.updates++;
      this.accept();
      this.#events.emit('config');
    });
    this.accept();
  }

  static async connect(sessions: ProxySessions, options: TestProxyOptions): Promise<TestProxy> {
    return new TestProxy(await sessions.open(nodeOf(options)));
  }

  get config(): EncodedProxy | undefined {
    return this.session.config;
  }

  /** Accepts what is new in the configuration, and can be sent. */
  accept(): void {
    if (this.stalled) return;
    for (const [typeUrl, resources] of this.config ?? []) {
      const sent = [...resources.values()].filter(({ unencodable }) => unencodable === undefined);
      const fresh = sent.filter((resource) => this.#accepted.get(`${typeUrl}/${resource.name}`) !== resource);
      if (fresh.length === 0) continue;
      for (const resource of fresh) this.#accepted.set(`${typeUrl}/${resource.name}`, resource);
      this.session.sent(typeUrl, []);
      this.session.acknowledged(typeUrl, fresh);
    }
  }

  /** Waits until the configuration meets the condition. */
  async until(meets: (proxy: TestProxy) => boolean): Promise<void> {
    while (this.config === undefined || !meets(this)) await once(this.#events, 'config');
  }

  names(type: keyof typeof typeUrls): readonly string[] {
    return [...(this.config?.get(typeUrls[type])?.keys() ?? [])].sort();
  }

  resource(type: keyof typeof typeUrls, name: string): EncodedResource | undefined {
    return this.config?.get(typeUrls[type])?.get(name);
  }

  /** As JSON text, for a look at what is in it. */
  json(type: keyof typeof typeUrls): string {
    return JSON.stringify([...(this.config?.get(typeUrls[type])?.values() ?? [])].map(resourceToJson));
  }

  /** `address:port` of the endpoints of a service. */
  endpoints(service: string): readonly string[] {
    const resource = this.resource('endpoints', service);
    if (resource === undefined) return [];
    const { endpoints = [] } = resourceToJson(resource) as {
      endpoints?: { lbEndpoints?: { endpoint: { address: { socketAddress: { address: string; portValue: number } } } }[] }[];
    };
    return endpoints
      .flatMap(({ lbEndpoints = [] }) => lbEndpoints)
      .map(({ endpoint }) => `${endpoint.address.socketAddress.address}:${endpoint.address.socketAddress.portValue}`)
      .sort();
  }

  close(): void {
    this.session.close();
  }
}
