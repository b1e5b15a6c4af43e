import type { Socket } from 'node:net';
import { createServer, type SecureVersion, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from 'pino';

export interface TlsVersions {
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
}

export interface ProtocolPortOptions {
  readonly certificate: string;
  readonly privateKey: string;
  readonly versions: TlsVersions;
  readonly http1: (socket: TLSSocket) => void;
  readonly http2: (socket: TLSSocket) => void;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
  readonly log: Logger;
}

export interface ProtocolPort {
  readonly listener: Server;
  /** New connections are shown another certificate, PEM. */
  show(certificate: string, privateKey: string): void;
  /** Takes no more connections; resolves when none is left, those that stay longer than `grace` milliseconds being cut off. */
  close(grace: number): Promise<void>;
}

/** A TLS server that hands each connection to the protocol agreed on by ALPN; without any that is HTTP/1.1. */
export function createProtocolPort(options: ProtocolPortOptions): ProtocolPort {
  const sockets = new Set<Socket>();
  const listener = createListener(options);
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    listener,
    show(cert, key) {
      listener.setSecureContext({ ...tlsVersions(options), cert, key });
    },
    close(grace) {
      // Who is still shaking hands would find nobody to talk to.
      listener.removeAllListeners('secureConnection').on('secureConnection', (socket) => socket.destroy());
      const cutOff = setTimeout(() => {
        for (const socket of sockets) {
          socket.destroy();
        }
      }, grace);
      return new Promise((resolve) => {
        listener.close(() => {
          clearTimeout(cutOff);
          resolve();
        });
      });
    },
  };
}

/**
 * After so long without a sign of life from a peer's host, the system asks it for one, ten times with a second in between
 * (libuv). A host that vanished without a word is noticed so at no cost to this process. Milliseconds.
 */
const silence = 10_000;

const protocolsByPreference = ['h2', 'http/1.1'];

function tlsVersions({ versions }: ProtocolPortOptions): TlsVersions {
  return { minVersion: 'TLSv1.2', ...versions };
}

function createListener(options: ProtocolPortOptions): Server {
  const { certificate, privateKey, http1, http2, handshakeTimeout, log } = options;
  const server = createServer({
    cert: certificate,
    key: privateKey,
    ...tlsVersions(options),
    // A list would be copied for each connection, into a slab of small buffers that it then keeps from being freed.
    ALPNCallback: ({ protocols }) => protocolsByPreference.find((protocol) => protocols.includes(protocol)),
    handshakeTimeout,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: silence,
  });
  server.on('secureConnection', (socket) => {
    // A connection that breaks off is no event to report; its protocol sees it close.
    socket.on('error', () => socket.destroy());
    const serve = socket.alpnProtocol === 'h2' ? http2 : http1;
    serve(socket);
  });
  server.on('tlsClientError', (error, socket) => {
    log.debug({ err: error, peer: socket.remoteAddress }, 'TLS handshake failed');
    socket.destroy();
  });
  return server;
}
