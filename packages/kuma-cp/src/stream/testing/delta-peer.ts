import type { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from '@kuma-mesh/envoy-api/discovery.ts';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type AdsClient, deltaClient, testNode } from './ads-client.ts';
import type { MemorySession } from './memory-sessions.ts';
import { startTestServer, type TestServer } from './test-server.ts';

export function said({ typeUrl, resources = [], removedResources = [] }: DeltaDiscoveryResponse) {
  return {
    typeUrl,
    names: resources.map(({ name }) => name),
    ...(removedResources.length > 0 && { removed: removedResources }),
  };
}

/** A server for all tests of a file, and a peer for each of them that says what it is told to. */
export class DeltaPeer {
  server!: TestServer;
  client!: AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>;

  constructor() {
    beforeAll(async () => {
      this.server = await startTestServer();
    });
    afterAll(() => this.server[Symbol.asyncDispose]());
    beforeEach(() => {
      const client = deltaClient(this.server);
      this.client = client;
      this.server.sessions.opened.length = 0;
      this.server.sessions.initial = undefined;
      return () => client[Symbol.asyncDispose]();
    });
  }

  readonly session = (): Promise<MemorySession> => this.server.sessions.nth(0);

  readonly ask = (typeUrl: string, request: DeltaDiscoveryRequest = {}): void =>
    this.client.send({ node: testNode, typeUrl, ...request });

  readonly ack = ({ typeUrl, nonce }: DeltaDiscoveryResponse): void => this.client.send({ typeUrl, responseNonce: nonce });

  readonly nack = ({ typeUrl, nonce }: DeltaDiscoveryResponse, message: string): void =>
    this.client.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 13, message } });

  /** Asks one more thing and sees that nothing comes before its answer. */
  readonly nothingComes = async (): Promise<void> => {
    const typeUrl = 'type.googleapis.com/test.Probe';
    this.ask(typeUrl, { resourceNamesSubscribe: [String(Math.random())] });
    const answer = await this.client.next();
    expect(answer.typeUrl).toBe(typeUrl);
    this.ack(answer);
  };
}
