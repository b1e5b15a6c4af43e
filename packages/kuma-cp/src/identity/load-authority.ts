import { readFile } from 'node:fs/promises';
import type { Mesh_CertificateAuthorityBackend } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import { type DataSource, providedCaConf } from '@kuma-mesh/core-model/resources/mesh/ca-backends.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { type Authority, createAuthority } from './authority.ts';
import { IdentityError } from './identity-error.ts';
import { certificateSecret, keySecret, secretText } from './secret-names.ts';

type Secrets = ReadonlyMap<string, Resource>;

/**
 * Reads the certificate authority of a backend from the mesh's Secrets, or from where the backend says.
 * @throws IdentityError `authority-unavailable` that says what is missing
 */
export async function loadAuthority(
  mesh: string,
  backend: Mesh_CertificateAuthorityBackend,
  secrets: Secrets,
): Promise<Authority> {
  const name = backend.name ?? '';
  if (backend.type === 'builtin') {
    const certificate = fromSecret(certificateSecret(mesh, name).name, secrets, name);
    return createAuthority(name, certificate, fromSecret(keySecret(mesh, name).name, secrets, name));
  }
  if (backend.type === 'provided') {
    const { cert, key: keySource } = providedCaConf(backend);
    const [certificate, key] = await Promise.all([
      read('conf.cert', cert, secrets, name),
      read('conf.key', keySource, secrets, name),
    ]);
    return createAuthority(name, certificate, key);
  }
  throw unavailable(name, `its type "${backend.type}" is not known`, 'use the type "builtin" or "provided"');
}

async function read(field: string, source: DataSource, secrets: Secrets, backend: string): Promise<string> {
  switch (source.kind) {
    case 'secret':
      return fromSecret(source.name, secrets, backend);
    case 'inlineString':
      return source.text;
    case 'inline':
      return Buffer.from(source.base64, 'base64').toString();
    case 'file':
      try {
        return await readFile(source.path, 'utf8');
      } catch (error) {
        const reason = `${field}.file "${source.path}" cannot be read`;
        throw unavailable(backend, reason, 'the control plane must be able to read it', error);
      }
  }
}

function fromSecret(name: string, secrets: Secrets, backend: string): string {
  const text = secretText(secrets.get(name));
  if (text === undefined) throw unavailable(backend, `the Secret "${name}" does not exist`, 'create it in the same mesh');
  return text;
}

function unavailable(backend: string, reason: string, hint: string, cause?: unknown): IdentityError {
  return new IdentityError(
    'authority-unavailable',
    `the certificate authority "${backend}" cannot be used: ${reason}`,
    hint,
    cause,
  );
}
