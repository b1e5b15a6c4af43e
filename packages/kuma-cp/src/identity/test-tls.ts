import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type PeerCertificate } from 'node:tls';
import type { IdentityMaterial } from '../pipeline/material.ts';

/** A mutual TLS handshake on loopback between two proxies' certificates. Gives what the server saw of its client; throws what either side refused. */
export async function handshake(
  server: { readonly identity: IdentityMaterial; readonly roots: string },
  client: { readonly identity: IdentityMaterial; readonly roots: string },
): Promise<PeerCertificate> {
  const listener = createServer({
    cert: server.identity.certificateChain,
    key: server.identity.privateKey,
    ca: server.roots,
    requestCert: true,
    rejectUnauthorized: true,
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  try {
    return await new Promise<PeerCertificate>((resolve, reject) => {
      listener.on('tlsClientError', reject);
      listener.on('secureConnection', (socket) => {
        resolve(socket.getPeerCertificate());
        socket.end();
      });
      const socket = connect({
        host: '127.0.0.1',
        port: (listener.address() as AddressInfo).port,
        cert: client.identity.certificateChain,
        key: client.identity.privateKey,
        ca: client.roots,
        // Names are SPIFFE ids, which TLS clients compare by themselves.
        checkServerIdentity: () => undefined,
      });
      socket.on('error', reject);
      socket.on('secureConnect', () => socket.end());
    });
  } finally {
    listener.close();
  }
}
