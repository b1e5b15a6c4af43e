import { hash } from 'node:crypto';
import { join } from 'node:path';

/** The longest path of a Unix socket, less the byte that ends it; Linux allows four more than macOS. */
const longest = 103;

/** Where kuma-dp takes access logs; a name too long for a socket is cut, and told apart by its hash. */
export function accessLogSocket({ workdir, name, mesh }: { workdir: string; name: string; mesh: string }): string {
  const path = join(workdir, `kuma-al-${name}-${mesh}.sock`);
  if (Buffer.byteLength(path) <= longest) return path;
  return join(workdir, `kuma-al-${hash('sha256', `${mesh}/${name}`, 'hex').slice(0, 16)}.sock`);
}
