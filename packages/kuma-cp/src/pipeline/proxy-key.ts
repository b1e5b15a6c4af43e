export interface ProxyKey {
  readonly mesh: string;
  readonly name: string;
}

/** A map key. Names of meshes and proxies hold no slash. */
export function proxyKeyString({ mesh, name }: ProxyKey): string {
  return `${mesh}/${name}`;
}

export function parseProxyKey(key: string): ProxyKey {
  const slash = key.indexOf('/');
  return { mesh: key.slice(0, slash), name: key.slice(slash + 1) };
}
