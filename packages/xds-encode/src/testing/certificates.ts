import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SPIFFE ids `spiffe://default/<who>`; the stranger's is `spiffe://elsewhere/web`. */
export type Who = 'backend' | 'web' | 'other' | 'stranger';

export function certificateOf(who: Who): { readonly cert: string; readonly key: string } {
  return { cert: pem(who), key: pem(`${who}-key`) };
}

/** Signed all of them. */
export const root = pem('ca');

function pem(name: string): string {
  return readFileSync(join(import.meta.dirname, 'certificates', `${name}.pem`), 'utf8');
}
