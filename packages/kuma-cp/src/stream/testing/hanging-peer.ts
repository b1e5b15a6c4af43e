import { once } from 'node:events';
import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import tls from 'node:tls';
import { DeltaDiscoveryRequest } from '@kuma-mesh/envoy-api/discovery.ts';
import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { testNode } from './ads-client.ts';
import type { TestServer } from './test-server.ts';

export interface HangingPeer extends AsyncDisposable {
  /** From now on the peer is as one whose host has lost its network: the connection stays, and nothing is read or answered. */
  stopReading(): void;
}

/** A peer with an open delta stream whose socket the test can have go deaf. */
export async function connectHangingPeer({ server, certificate }: TestServer): Promise<HangingPeer> {
  const socket: Socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  // TLS reads from one end of a pair, so that the socket below it can be left unread.
  const [near, far]: [Duplex, Duplex] = duplexPair();
  far.pipe(socket).pipe(far);
  const secure = tls.connect({ socket: near, ca: certificate, servername: 'localhost', ALPNProtocols: ['h2'] });
  await once(secure, 'secureConnect');
  const session = http2.connect('https://localhost', { createConnection: () => secure });
  session.on('error', () => {});
  const stream = session.request({
    ':method': 'POST',
    ':path': '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  const message = DeltaDiscoveryRequest.encode({ node: testNode, typeUrl: typeUrls.cluster }).finish();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.write(Buffer.concat([head, message]));
  return {
    stopReading() {
      far.unpipe(socket);
      socket.unpipe(far);
      socket.pause();
    },
    async [Symbol.asyncDispose]() {
      session.destroy();
      socket.destroy();
    },
  };
}
