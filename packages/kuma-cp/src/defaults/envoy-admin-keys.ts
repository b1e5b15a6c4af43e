import type { SigningPool } from '../identity/signing-pool.ts';
import type { ResourceStore } from '../store/store.ts';
import { ensureControlPlaneCa } from './control-plane-secrets.ts';
import { createOnce } from './create-once.ts';

export interface CertificateAndKey {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

/** What opens the admin interface of every proxy to the control plane, and to nobody else. */
export interface EnvoyAdminKeys {
  /** PEM; both certificates are signed by it. */
  readonly ca: string;
  /** Shown by proxies. */
  readonly server: CertificateAndKey;
  /** Shown by the control plane. */
  readonly client: CertificateAndKey;
}

const place = { type: 'Config', mesh: '', name: 'envoy-admin-keys' } as const;
const tenYears = 10 * 365 * 24 * 3600_000;

/**
 * Made once and stored: proxies are configured with the server's, and a restart must not change their configuration.
 * Unlike the authority they are no Secret that users see, for nobody but the control plane has a use for them.
 */
export async function ensureEnvoyAdminKeys(store: ResourceStore, signing: Pick<SigningPool, 'sign'>): Promise<EnvoyAdminKeys> {
  const authority = await ensureControlPlaneCa(store, 'envoy-admin-ca', signing);
  const issue = async (role: string): Promise<CertificateAndKey> => {
    const { certificate, key } = await signing.sign({
      kind: 'leaf',
      // Whoever signs keeps authorities by their id: another certificate is another authority.
      authority: { id: authority.certificate, ...authority },
      uris: [`spiffe://mesh-system/envoy-admin-${role}`],
      notBefore: Date.now() - 10 * 60_000,
      notAfter: Date.now() + tenYears,
    });
    return { certificate, key };
  };
  const { spec } = await createOnce(store, place, async () => {
    const [server, client] = await Promise.all([issue('server'), issue('client')]);
    return { ...place, labels: {}, spec: { ca: authority.certificate, server, client } };
  });
  const keys = spec as EnvoyAdminKeys;
  // Whoever replaces the authority wants other keys as well.
  if (keys.ca === authority.certificate) return keys;
  await store.write([{ op: 'delete', key: place }]);
  return ensureEnvoyAdminKeys(store, signing);
}
