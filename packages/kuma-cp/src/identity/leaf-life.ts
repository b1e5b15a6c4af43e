import type { Mesh_CertificateAuthorityBackend } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import { parseDuration } from '@kuma-mesh/core-model/resources/duration.ts';

/** How far behind the control plane's clock a peer's may be. Milliseconds. */
export const clockSkew = 10_000;

const day = 24 * 3600_000;

/** Milliseconds for which a backend's certificates are valid. */
export function leafLifetime(backend: Mesh_CertificateAuthorityBackend): number {
  const { expiration } = backend.dpCert?.rotation ?? {};
  return (expiration && parseDuration(expiration)) || day;
}

/** When a certificate is renewed: at four fifths of its life. Milliseconds since the epoch. */
export function renewalTime(issued: number, notAfter: number): number {
  return issued + (notAfter - issued) * 0.8;
}
