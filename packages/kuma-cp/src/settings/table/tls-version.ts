import { choice } from '../setting-types.ts';

export const tlsVersion = choice(['', 'TLSv1_2', 'TLSv1_3']);
