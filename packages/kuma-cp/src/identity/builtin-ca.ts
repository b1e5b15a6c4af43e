import type { Mesh, Mesh_CertificateAuthorityBackend } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import { builtinCaConf } from '@kuma-mesh/core-model/resources/mesh/ca-backends.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type { CaProvisioner } from '../resources/ca-provisioner.ts';
import type { ResourceStore } from '../store/store.ts';
import { clockSkew } from './leaf-life.ts';
import type { RootRequest } from './root-certificate.ts';
import { certificateSecret, keySecret, secretDraft } from './secret-names.ts';
import type { SigningPool } from './signing-pool.ts';

/** Roots are RSA because tools that read their secrets expect PKCS#1. */
const usualBits = 2048;
const tenYears = 10 * 365 * 24 * 3600_000;

/** Generates the certificate authorities of `builtin` backends. */
export function createCaProvisioner(store: Pick<ResourceStore, 'get'>, pool: Pick<SigningPool, 'sign'>): CaProvisioner {
  return {
    async ensure(mesh) {
      const builtin = (mesh.spec.mtls?.backends ?? []).filter(({ type }) => type === 'builtin');
      return (await Promise.all(builtin.map((backend) => missingSecrets(mesh, backend)))).flat();
    },
  };

  async function missingSecrets(
    mesh: ResourceDraft<Mesh>,
    backend: Mesh_CertificateAuthorityBackend,
  ): Promise<readonly ResourceDraft[]> {
    const certificate = certificateSecret(mesh.name, backend.name ?? '');
    const key = keySecret(mesh.name, backend.name ?? '');
    const [haveCertificate, haveKey] = await Promise.all([store.get(certificate), store.get(key)]);
    // One without the other is not completed: a new key would not belong to the certificate that proxies trust.
    if (haveCertificate !== undefined || haveKey !== undefined) return [];
    const root = await pool.sign(rootRequest(mesh.name, backend));
    return [secretDraft(certificate, root.certificate), secretDraft(key, root.key)];
  }
}

function rootRequest(mesh: string, backend: Mesh_CertificateAuthorityBackend): RootRequest {
  const { rsaBits = usualBits, expiration = tenYears } = builtinCaConf(backend);
  const now = Date.now();
  return {
    kind: 'root',
    commonName: `${mesh} ${backend.name}`,
    uri: `spiffe://${mesh}`,
    key: { type: 'rsa', bits: rsaBits },
    notBefore: now - clockSkew,
    notAfter: now + expiration,
  };
}
