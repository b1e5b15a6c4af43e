import { createSecureContext, type DetailedPeerCertificate, type SecureContext, TLSSocket } from 'node:tls';

/** TLS of simulated sidecars, as light as Envoy's, so that the bench measures the control plane and not Node's clients. */
export interface ClientTls {
  readonly secureContext: SecureContext;
  readonly checkServerIdentity: () => undefined;
}

/** @param ca PEM, of whom alone is trusted. One for all sidecars: to make it takes longer than to shake hands. */
export function clientTls(ca: string): ClientTls {
  readNoCertificates();
  return {
    // The groups that Envoy offers by default.
    secureContext: createSecureContext({ ca, ecdhCurve: 'X25519:P-256' }),
    // The chain of certificates is checked all the same; the names in it are not.
    checkServerIdentity: () => undefined,
  };
}

/** For the sake of names, Node makes objects of all certificates of the chain: that takes as long as the handshake itself. */
function readNoCertificates(): void {
  TLSSocket.prototype.getPeerCertificate = () => ({}) as DetailedPeerCertificate;
}
