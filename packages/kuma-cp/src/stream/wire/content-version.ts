import { hash } from 'node:crypto';
import type { EncodedResource } from '@kuma-mesh/xds-encode/encoded.ts';

/** Version of a response as a whole, for people who read Envoy's statistics and dumps: a hash of what it says. */
export function contentVersion(resources: readonly EncodedResource[], removed: readonly string[]): string {
  const said = resources.map(({ name, version }) => `+${name}@${version}`).concat(removed.map((name) => `-${name}`));
  return hash('sha1', said.sort().join('\n'), 'hex').slice(0, 16);
}
