import type { FlagTable } from './flag.ts';

/** Settings of `kuma-dp wait`. */
export const waitFlags = {
  url: {
    name: 'url',
    env: [],
    kind: 'text',
    placeholder: 'URL',
    doc: 'Readiness endpoint (default: http://localhost:9902/ready)',
  },
  readinessPort: { env: ['KUMA_READINESS_PORT'], kind: 'port', default: '9902', doc: 'Port of the default URL' },
  timeout: { name: 'timeout', env: [], kind: 'duration', default: '3m', doc: 'How long to wait' },
  requestTimeout: { name: 'request-timeout', env: [], kind: 'duration', default: '500ms', doc: 'How long one request may take' },
  checkFrequency: { name: 'check-frequency', env: [], kind: 'duration', default: '1s', doc: 'Pause between two requests' },
} as const satisfies FlagTable;
