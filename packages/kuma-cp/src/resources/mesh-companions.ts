import type { Mesh } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import { defaultPolicies } from '@kuma-mesh/core-model/resources/mesh/default-policies.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { generateRsaKeyPem } from '../auth/rsa-key.ts';
import { signingKeyPrefixes } from '../auth/secret-names.ts';

/** What is created together with a mesh: the key that signs its dataplane tokens, and its first policies. */
export async function meshCompanions(mesh: ResourceDraft<Mesh>): Promise<readonly ResourceDraft[]> {
  const signingKey = await dataplaneSigningKey(mesh.name);
  return [signingKey, ...defaultPolicies(mesh.name, mesh.spec.skipCreatingInitialPolicies)];
}

async function dataplaneSigningKey(mesh: string): Promise<ResourceDraft> {
  const pem = await generateRsaKeyPem();
  return {
    type: 'Secret',
    mesh,
    name: `${signingKeyPrefixes.dataplane(mesh)}1`,
    labels: {},
    spec: { data: Buffer.from(pem).toString('base64') },
  };
}
