import type { MeshTLS_Conf as Conf } from '../../generated/types/kuma/mesh_tls.ts';
import { nothingSaid } from '../nothing-said.ts';
import type { Useless } from '../policy.ts';

export function useless(conf: Conf): readonly Useless[] {
  return [...nothingSaid(conf), ...versionsWithoutCiphers(conf), ...ciphersOfNoVersion(conf)];
}

function versionsWithoutCiphers({ tlsVersion: { max } = {} }: Conf): readonly Useless[] {
  if (max !== 'TLS10' && max !== 'TLS11') return [];
  const why = 'leaves proxies nothing to speak: all ciphers that they have are for TLS12 and newer';
  return [{ path: ['tlsVersion', 'max'], why }];
}

/** TLS 1.3 brings its own. */
function ciphersOfNoVersion({ tlsVersion, tlsCiphers = [] }: Conf): readonly Useless[] {
  if (tlsCiphers.length === 0 || tlsVersion?.min !== 'TLS13') return [];
  return [{ path: ['tlsCiphers'], why: 'has no effect with a min of TLS13: ciphers are chosen for TLS12 and older' }];
}
