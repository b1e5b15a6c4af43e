import { stringify } from 'yaml';

/** @returns a document for scripts, as the control plane gave it */
export function structured(value: unknown, format: 'yaml' | 'json'): string {
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value, { lineWidth: 0 });
}
