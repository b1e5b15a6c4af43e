import type { Secret } from '../../generated/types/kuma/secret.ts';
import type { Problem } from '../resource.ts';

/** Says nothing of the bytes themselves: they are secret. */
export function validateSecret({ data }: Secret): Problem[] {
  if (!data) return [{ field: 'data', reason: 'must be set to the base64 of at least one byte' }];
  if (data.replace(/[\r\n]/g, '').length % 4 !== 0) {
    return [{ field: 'data', reason: 'must be base64, padded with = to a multiple of four characters', kind: 'malformed' }];
  }
  return [];
}
