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
  /** For the TLS handshake, and for the first bytes of a client that does not say which protocol it speaks; milliseconds. */
  readonly handshakeTimeout: number;
  readonly log: Logger;
}

const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A TLS server that hands each connection to the protocol it speaks: by ALPN, or by its first bytes where there is none. */
export function createProtocolPort({
  certificate,
  privateKey,
  versions,
  http1,
  http2,
  handshakeTimeout,
  log,
}: ProtocolPortOptions): Server {
  const server = createServer({
    cert: certificate,
    key: privateKey,
    minVersion: 'TLSv1.2',
    ...versions,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout,
    noDelay: true,
  });
  server.on('secureConnection', (socket) => {
    // A connection that breaks off is no event to report; its protocol sees it close.
    socket.on('error', () => socket.destroy());
    if (socket.alpnProtocol === 'h2') {
      http2(socket);
    } else if (socket.alpnProtocol) {
      http1(socket);
    } else {
      byFirstBytes(socket, { http1, http2, handshakeTimeout });
    }
  });
  server.on('tlsClientError', (error, socket) => {
    log.debug({ err: error, peer: socket.remoteAddress }, 'TLS handshake failed');
    socket.destroy();
  });
  return server;
}

function byFirstBytes(
  socket: TLSSocket,
  { http1, http2, handshakeTimeout }: Pick<ProtocolPortOptions, 'http1' | 'http2' | 'handshakeTimeout'>,
): void {
  const deadline = setTimeout(() => socket.destroy(), handshakeTimeout);
  socket.once('close', () => clearTimeout(deadline));
  let seen = Buffer.alloc(0);
  const look = (): void => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      seen = Buffer.concat([seen, chunk]);
    }
    const length = Math.min(seen.length, http2Preface.length);
    const mayBeHttp2 = length > 0 && seen.subarray(0, length).equals(http2Preface.subarray(0, length));
    if (length === 0 || (mayBeHttp2 && length < http2Preface.length)) {
      return;
    }
    clearTimeout(deadline);
    socket.off('readable', look);
    socket.unshift(seen);
    (mayBeHttp2 ? http2 : http1)(socket);
  };
  socket.on('readable', look);
  look();
}
