import { validateSecret } from '../secret/validate.ts';

export const validateGlobalSecret = validateSecret;
