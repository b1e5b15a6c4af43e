import manifest from '../package.json' with { type: 'json' };

/** What this program says it is, in `kuma-dp version` and to the control plane. */
export const program = { name: 'kuma-dp', version: manifest.version } as const;
