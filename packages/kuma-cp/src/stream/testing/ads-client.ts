import { EventEmitter, once } from 'node:events';
import { Client, type ClientDuplexStream, credentials, Metadata, type StatusObject } from '@grpc/grpc-js';
import {
  AggregatedDiscoveryServiceService,
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  type DiscoveryRequest,
  type DiscoveryResponse,
  type Node,
} from '@kuma-mesh/envoy-api/discovery.ts';

/** Where a peer connects, and what it trusts. */
export interface Target {
  readonly server: { readonly port: number };
  /** PEM. */
  readonly certificate: string;
}

/** A peer that says exactly what a test has it say. */
export class AdsClient<Request, Response> implements AsyncDisposable {
  readonly responses: Response[] = [];
  readonly call: ClientDuplexStream<Request, Response>;
  readonly #client: Client;
  readonly #events = new EventEmitter();
  #taken = 0;
  status: StatusObject | undefined;

  constructor(client: Client, call: ClientDuplexStream<Request, Response>) {
    this.#client = client;
    this.call = call;
    call.on('data', (response: Response) => {
      this.responses.push(response);
      this.#events.emit('change');
    });
    call.on('status', (status: StatusObject) => {
      this.status = status;
      this.#events.emit('change');
    });
    call.on('error', () => {});
  }

  send(request: Request): void {
    this.call.write(request);
  }

  /** The next response that was not taken yet. */
  async next(): Promise<Response> {
    while (this.responses.length <= this.#taken) {
      if (this.status) {
        throw new Error(`the stream ended with status ${this.status.code}: ${this.status.details}`);
      }
      await once(this.#events, 'change');
    }
    this.#taken += 1;
    return this.responses[this.#taken - 1]!;
  }

  /** Responses that came and were not taken. */
  get untaken(): number {
    return this.responses.length - this.#taken;
  }

  async ended(): Promise<StatusObject> {
    while (!this.status) {
      await once(this.#events, 'change');
    }
    return this.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.call.cancel();
    this.#client.close();
  }
}

export const testNode: Node = { id: 'default.web', cluster: 'web', metadata: { features: [] } };

const { deltaAggregatedResources, streamAggregatedResources } = AggregatedDiscoveryServiceService;

export function deltaClient(to: Target, token?: string): AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  const client = connect(to);
  const { path, requestSerialize, responseDeserialize } = deltaAggregatedResources;
  return new AdsClient(client, client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(token)));
}

export function sotwClient(to: Target, token?: string): AdsClient<DiscoveryRequest, DiscoveryResponse> {
  const client = connect(to);
  const { path, requestSerialize, responseDeserialize } = streamAggregatedResources;
  return new AdsClient(client, client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(token)));
}

function connect({ server, certificate }: Target): Client {
  // Each client its own connection, as each Envoy has.
  return new Client(`localhost:${server.port}`, credentials.createSsl(Buffer.from(certificate)), {
    'grpc.use_local_subchannel_pool': 1,
  });
}

function metadataOf(token: string | undefined): Metadata {
  const metadata = new Metadata();
  if (token) {
    metadata.set('authorization', token);
  }
  return metadata;
}
