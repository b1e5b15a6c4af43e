import { clockSkew } from '../identity/leaf-life.ts';
import type { SigningPool } from '../identity/signing-pool.ts';

const tenYears = 10 * 365 * 24 * 3600_000;

/** A new RSA certificate authority of the control plane: certificate and PKCS#1 key, both PEM, joined. */
export async function generateControlPlaneCa(name: string, pool: Pick<SigningPool, 'sign'>): Promise<string> {
  const now = Date.now();
  const { certificate, key } = await pool.sign({
    kind: 'root',
    commonName: name,
    uri: `spiffe://mesh-system/${name}`,
    key: { type: 'rsa', bits: 2048 },
    notBefore: now - clockSkew,
    notAfter: now + tenYears,
  });
  return `${certificate.trimEnd()}\n${key}`;
}
