type Json = Readonly<Record<string, unknown>>;

/** Data of the secrets of one mesh by name, base64. */
export type SecretData = ReadonlyMap<string, string>;

/**
 * A mesh whose authorities are read from these secrets, with their data in place of their names: so it can be checked
 * before the secrets are there.
 * @returns undefined when it needs none of them
 */
export function withSecretsInlined(mesh: Json, secrets: SecretData): Json | undefined {
  let found = false;
  const inlined = (source: unknown): unknown => {
    const data = isObject(source) && typeof source.secret === 'string' ? secrets.get(source.secret) : undefined;
    if (data === undefined) return source;
    found = true;
    return { inline: data };
  };
  const backendOf = (backend: unknown): unknown => {
    if (!isObject(backend) || !isObject(backend.conf)) return backend;
    const { cert, key } = backend.conf;
    return { ...backend, conf: { ...backend.conf, cert: inlined(cert), key: inlined(key) } };
  };
  if (!isObject(mesh.mtls) || !Array.isArray(mesh.mtls.backends)) return undefined;
  const whole = { ...mesh, mtls: { ...mesh.mtls, backends: mesh.mtls.backends.map(backendOf) } };
  return found ? whole : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
