import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDraft } from '../resources/read-draft.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { createCaProvisioner } from './builtin-ca.ts';
import { SigningPool } from './signing-pool.ts';

let pool: SigningPool;
beforeAll(() => {
  pool = new SigningPool();
});
afterAll(() => pool.close());

/** The secrets of a builtin authority with these settings, by name. */
async function secretsWith(caCert: object): Promise<ReadonlyMap<string, string>> {
  const backend = { name: 'ca-1', type: 'builtin', conf: { caCert } };
  const { draft } = readDraft({ type: 'Mesh', name: 'm', mtls: { enabledBackend: 'ca-1', backends: [backend] } }, {});
  const secrets = await createCaProvisioner(createMemoryStore(), pool).ensure(draft as ResourceDraft<never>);
  return new Map(secrets.map(({ name, spec }) => [name, Buffer.from((spec as { data: string }).data, 'base64').toString()]));
}

it.each([
  ['2048 bits when nothing is said', {}, 2048],
  ['as many bits as rsaBits says', { rsaBits: 3072 }, 3072],
  ['as many bits as RSAbits says, its other spelling', { RSAbits: 3072 }, 3072],
])('a builtin authority has an RSA key of %s', async (_, caCert, bits) => {
  const secrets = await secretsWith(caCert);
  const pem = secrets.get('m.ca-builtin-key-ca-1')!;
  expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  expect(createPrivateKey(pem).asymmetricKeyDetails).toMatchObject({ modulusLength: bits });
});

it('a builtin authority lives as long as its settings say, else ten years', async () => {
  const year = 365 * 24 * 3600_000;
  for (const [caCert, years] of [[{}, 10] as const, [{ expiration: '2y' }, 2] as const]) {
    const certificate = new X509Certificate((await secretsWith(caCert)).get('m.ca-builtin-cert-ca-1')!);
    const life = certificate.validToDate.getTime() - certificate.validFromDate.getTime();
    expect(Math.floor(life / year)).toBe(years);
  }
});
