import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type { UserClaims } from '../auth/claims.ts';
import { signToken } from '../auth/issue-token.ts';
import { keyId, readKeyRing } from '../auth/key-ring.ts';
import { generateRsaKeyPem } from '../auth/rsa-key.ts';
import { adminUserTokenName, signingKeyPrefixes } from '../auth/secret-names.ts';
import { admin } from '../auth/user.ts';
import type { SigningPool } from '../identity/signing-pool.ts';
import type { ResourceStore } from '../store/store.ts';
import { generateControlPlaneCa } from './control-plane-ca.ts';
import { createOnce } from './create-once.ts';

const tenYearsInSeconds = 10 * 365 * 24 * 3600;

export interface ControlPlaneSecretsOptions {
  /** Setting `apiServer.authn.tokens.bootstrapAdminToken`. */
  readonly adminToken: boolean;
  readonly signing: Pick<SigningPool, 'sign'>;
}

/** Secrets of the control plane itself, made on its first start: those that are there stay as they are. */
export async function ensureControlPlaneSecrets(
  store: ResourceStore,
  { adminToken, signing }: ControlPlaneSecretsOptions,
): Promise<void> {
  await Promise.all([
    ensureSigningKey(store, signingKeyPrefixes.zone),
    ensureSigningKey(store, signingKeyPrefixes.user).then(() => (adminToken ? ensureAdminToken(store) : undefined)),
    ensureControlPlaneCa(store, 'envoy-admin-ca', signing),
    ensureControlPlaneCa(store, 'inter-cp-ca', signing),
  ]);
}

/** An authority of the control plane: certificate and key, PEM, joined in one secret. */
export async function ensureControlPlaneCa(
  store: ResourceStore,
  name: 'envoy-admin-ca' | 'inter-cp-ca',
  signing: Pick<SigningPool, 'sign'>,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const { spec } = await createOnce(store, key(name), async () => secret(name, await generateControlPlaneCa(name, signing)));
  const pem = Buffer.from((spec as { readonly data: string }).data, 'base64').toString();
  const part = (label: string) => new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\\n?`).exec(pem)?.[0];
  const [certificate, privateKey] = [part('CERTIFICATE'), part('(?:RSA |EC )?PRIVATE KEY')];
  if (!certificate || !privateKey) throw new Error(`the global secret "${name}" must hold a PEM certificate and its private key`);
  return { certificate, key: privateKey };
}

/** The first key has the id 1; whoever rotates keys goes on from there and may have deleted it. */
async function ensureSigningKey(store: ResourceStore, prefix: string): Promise<void> {
  const secrets = await store.list({ type: 'GlobalSecret' });
  if (secrets.some(({ name }) => keyId(name, prefix) !== undefined)) return;
  const name = `${prefix}1`;
  await createOnce(store, key(name), async () => secret(name, await generateRsaKeyPem()));
}

/** With this token the administrator comes in from elsewhere. */
async function ensureAdminToken(store: ResourceStore): Promise<void> {
  await createOnce(store, key(adminUserTokenName), async () => {
    // Another instance may have made the key: what is stored signs.
    const keys = readKeyRing(await store.list({ type: 'GlobalSecret' }), signingKeyPrefixes.user, () => undefined);
    if (!keys.signing)
      throw new Error(`no secret ${signingKeyPrefixes.user}* holds an RSA key; the admin's token cannot be signed`);
    const claims: UserClaims = { Name: admin.name, Groups: admin.groups };
    return secret(adminUserTokenName, await signToken(keys.signing, claims, tenYearsInSeconds));
  });
}

function key(name: string) {
  return { type: 'GlobalSecret', mesh: '', name };
}

function secret(name: string, text: string): ResourceDraft {
  return { ...key(name), labels: {}, spec: { data: Buffer.from(text).toString('base64') } };
}
