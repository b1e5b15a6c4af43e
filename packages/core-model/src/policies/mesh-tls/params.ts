import type { MeshTLS_Conf as Conf } from '../../generated/types/kuma/mesh_tls.ts';
import type { TlsParamsIr, TlsVersionIr } from '../../ir/index.ts';
import { defined } from '../conf-values.ts';
import type { Contradiction } from '../policy.ts';

const versions: Readonly<Record<string, TlsVersionIr>> = { TLS10: '1.0', TLS11: '1.1', TLS12: '1.2', TLS13: '1.3' };
const newest = '1.3';

/** @returns undefined where all is left to Envoy */
export function tlsParams({ tlsVersion, tlsCiphers = [] }: Conf): TlsParamsIr | undefined {
  const ciphers = [...new Set([...tlsCiphers, ...tlsCiphers.map(withOurKeys)])];
  const min = versions[tlsVersion?.min ?? ''];
  const max = newestVersion(min, versions[tlsVersion?.max ?? '']);
  return min || max || ciphers.length > 0 ? { ...defined({ min, max }), ciphers } : undefined;
}

function newestVersion(min: TlsVersionIr | undefined, max: TlsVersionIr | undefined): TlsVersionIr | undefined {
  // As a client Envoy speaks nothing newer than 1.2 unless it is told to.
  if (max === undefined) return min === newest ? newest : undefined;
  // Where policies are merged that leave no version to speak, the old ones stay out and the mesh goes on.
  return min !== undefined && min > max ? min : max;
}

export function versionContradiction({ tlsVersion }: Conf): readonly Contradiction[] {
  const [min, max] = [versions[tlsVersion?.min ?? ''], versions[tlsVersion?.max ?? '']];
  if (min === undefined || max === undefined || min <= max) return [];
  return [{ counts: ['tlsVersion', 'min'], yields: ['tlsVersion', 'max'] }];
}

/** Which kind of key proves a proxy's identity is not for a cipher to choose: proxies have ECDSA keys. */
function withOurKeys(cipher: string): string {
  return cipher.replace(/^ECDHE-RSA-/, 'ECDHE-ECDSA-');
}
