import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  AggregatedDiscoveryServiceService,
  type DiscoveryRequest,
  type DiscoveryResponse,
} from '@kuma-mesh/envoy-api/discovery.ts';
import type { EncodedProxy } from '../index.ts';

type Call = ServerDuplexStream<DiscoveryRequest, DiscoveryResponse>;

/** Just enough of ADS, as state of the world, to give one Envoy what a test wants it to have. */
export class ControlPlane implements AsyncDisposable {
  readonly port: number;
  /** What Envoy said against what it was sent. */
  readonly rejections: string[] = [];
  readonly #server: Server;
  readonly #streams: Set<Stream>;
  #config: EncodedProxy;

  static async start(config: EncodedProxy): Promise<ControlPlane> {
    const server = new Server();
    const streams = new Set<Stream>();
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return new ControlPlane(server, streams, port, config);
  }

  private constructor(server: Server, streams: Set<Stream>, port: number, config: EncodedProxy) {
    this.#server = server;
    this.#streams = streams;
    this.#config = config;
    this.port = port;
    server.addService(AggregatedDiscoveryServiceService, {
      streamAggregatedResources: (call: Call) => this.#serve(call),
      deltaAggregatedResources: (call: Call) => call.end(),
    });
  }

  give(config: EncodedProxy): void {
    this.#config = config;
    for (const stream of this.#streams) stream.send(config);
  }

  #serve(call: Call): void {
    const stream = new Stream(call);
    this.#streams.add(stream);
    call.on('data', (request: DiscoveryRequest) => {
      if (request.errorDetail) this.rejections.push(`${request.typeUrl}: ${request.errorDetail.message}`);
      stream.wants(request.typeUrl!, request.resourceNames ?? []);
      stream.send(this.#config);
    });
    call.on('error', () => this.#streams.delete(stream));
    call.on('end', () => this.#streams.delete(stream) && call.end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }
}

class Stream {
  readonly #call: Call;
  readonly #wanted = new Map<string, readonly string[]>();
  readonly #sent = new Map<string, string>();

  constructor(call: Call) {
    this.#call = call;
  }

  wants(typeUrl: string, names: readonly string[]): void {
    this.#wanted.set(typeUrl, names);
  }

  send(config: EncodedProxy): void {
    for (const [typeUrl, names] of this.#wanted) {
      const all = [...(config.get(typeUrl)?.values() ?? [])];
      const resources = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
      const versionInfo = resources.map(({ name, version }) => `${name}=${version}`).join();
      const state = `${names} ${versionInfo}`;
      if (this.#sent.get(typeUrl) === state) continue;
      this.#sent.set(typeUrl, state);
      this.#call.write({
        typeUrl,
        versionInfo,
        nonce: state,
        resources: resources.map(({ bytes }) => ({ typeUrl, value: bytes })),
      });
    }
  }
}
