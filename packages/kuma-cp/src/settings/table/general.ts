import { built, known } from '../setting.ts';
import { bool, choice, duration, list, text } from '../setting-types.ts';
import { tlsVersion } from './tls-version.ts';

export const generalSettings = [
  built({
    key: 'environment',
    type: choice(['universal'], ['kubernetes']),
    default: 'universal',
    env: 'KUMA_ENVIRONMENT',
    doc: 'Where the proxies run.',
  }),
  built({
    key: 'mode',
    type: choice(['zone'], ['global']),
    default: 'zone',
    env: 'KUMA_MODE',
    doc: 'What the control plane is to others: `zone` configures proxies.',
  }),
  built({
    key: 'general.workDir',
    type: text,
    default: '',
    env: 'KUMA_GENERAL_WORK_DIR',
    doc: 'Directory for the embedded store and for certificates that kuma-cp makes. Empty means `$HOME/.kuma`.',
  }),
  built({
    key: 'general.tlsCertFile',
    type: text,
    default: '',
    env: 'KUMA_GENERAL_TLS_CERT_FILE',
    doc: 'PEM certificate of all servers. Empty means `kuma-cp.crt` in the work directory, which kuma-cp makes when it is not there.',
  }),
  built({
    key: 'general.tlsKeyFile',
    type: text,
    default: '',
    env: 'KUMA_GENERAL_TLS_KEY_FILE',
    doc: 'PEM private key of all servers, for `general.tlsCertFile`.',
  }),
  built({
    key: 'general.tlsMinVersion',
    type: tlsVersion,
    default: 'TLSv1_2',
    env: 'KUMA_GENERAL_TLS_MIN_VERSION',
    doc: 'Oldest TLS version that the servers accept.',
  }),
  built({
    key: 'general.tlsMaxVersion',
    type: tlsVersion,
    default: '',
    env: 'KUMA_GENERAL_TLS_MAX_VERSION',
    doc: 'Newest TLS version that the servers accept. Empty means the newest there is.',
  }),
  known({ key: 'general.tlsCipherSuites', type: list, default: [], env: 'KUMA_GENERAL_TLS_CIPHER_SUITES' }),
  known({ key: 'general.dnsCacheTTL', type: duration, default: 10_000, env: 'KUMA_GENERAL_DNS_CACHE_TTL' }),
  known({
    key: 'general.resilientComponentBaseBackoff',
    type: duration,
    default: 5000,
    env: 'KUMA_GENERAL_RESILIENT_COMPONENT_BASE_BACKOFF',
  }),
  known({
    key: 'general.resilientComponentMaxBackoff',
    type: duration,
    default: 60_000,
    env: 'KUMA_GENERAL_RESILIENT_COMPONENT_MAX_BACKOFF',
  }),
  built({
    key: 'multizone.zone.name',
    type: text,
    default: 'default',
    env: 'KUMA_MULTIZONE_ZONE_NAME',
    doc: 'Name of the zone, in labels, KRIs and localities.',
  }),
  known({ key: 'reports.enabled', type: bool, default: false, env: 'KUMA_REPORTS_ENABLED' }),
] as const;
