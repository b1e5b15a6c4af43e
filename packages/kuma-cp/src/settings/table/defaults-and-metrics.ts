import { built, known } from '../setting.ts';
import { bool, count, duration, list, port, text } from '../setting-types.ts';
import { tlsVersion } from './tls-version.ts';

/** What a first start leaves, and what can be seen of the control plane. */
export const defaultsAndMetricsSettings = [
  built({
    key: 'defaults.skipMeshCreation',
    type: bool,
    default: false,
    env: 'KUMA_DEFAULTS_SKIP_MESH_CREATION',
    doc: 'Whether a first start leaves out the mesh `default`.',
  }),
  built({
    key: 'defaults.skipHostnameGenerators',
    type: bool,
    default: false,
    env: 'KUMA_DEFAULTS_SKIP_HOSTNAME_GENERATORS',
    doc: 'Whether a first start leaves out the hostname generators.',
  }),
  known({ key: 'defaults.skipTenantResources', type: bool, default: false, env: 'KUMA_DEFAULTS_SKIP_TENANT_RESOURCES' }),
  known({
    key: 'defaults.createMeshRoutingResources',
    type: bool,
    default: false,
    env: 'KUMA_DEFAULTS_CREATE_MESH_ROUTING_RESOURCES',
  }),
  known({
    key: 'metrics.dataplane.subscriptionLimit',
    type: count,
    default: 2,
    env: 'KUMA_METRICS_DATAPLANE_SUBSCRIPTION_LIMIT',
  }),
  known({ key: 'metrics.dataplane.idleTimeout', type: duration, default: 300_000, env: 'KUMA_METRICS_DATAPLANE_IDLE_TIMEOUT' }),
  known({ key: 'metrics.zone.subscriptionLimit', type: count, default: 10, env: 'KUMA_METRICS_ZONE_SUBSCRIPTION_LIMIT' }),
  known({ key: 'metrics.zone.idleTimeout', type: duration, default: 300_000, env: 'KUMA_METRICS_ZONE_IDLE_TIMEOUT' }),
  known({
    key: 'metrics.zone.compactFinishedSubscriptions',
    type: bool,
    default: false,
    env: 'KUMA_METRICS_ZONE_COMPACT_FINISHED_SUBSCRIPTIONS',
  }),
  known({
    key: 'metrics.mesh.minResyncInterval',
    type: duration,
    default: 1000,
    env: ['KUMA_METRICS_MESH_MIN_RESYNC_INTERVAL', 'KUMA_METRICS_MESH_MIN_RESYNC_TIMEOUT'],
  }),
  known({
    key: 'metrics.mesh.fullResyncInterval',
    type: duration,
    default: 20_000,
    env: ['KUMA_METRICS_MESH_FULL_RESYNC_INTERVAL', 'KUMA_METRICS_MESH_MAX_RESYNC_TIMEOUT'],
  }),
  known({ key: 'metrics.mesh.bufferSize', type: count, default: 1000, env: 'KUMA_METRICS_MESH_BUFFER_SIZE' }),
  known({ key: 'metrics.mesh.eventProcessors', type: count, default: 1, env: 'KUMA_METRICS_MESH_EVENT_PROCESSORS' }),
  known({
    key: 'metrics.controlPlane.reportResourcesCount',
    type: bool,
    default: true,
    env: 'KUMA_METRICS_CONTROL_PLANE_REPORT_RESOURCES_COUNT',
  }),
  known({ key: 'tracing.openTelemetry.enabled', type: bool, default: false, env: 'KUMA_TRACING_OPENTELEMETRY_ENABLED' }),
  known({ key: 'tracing.openTelemetry.endpoint', type: text, default: '', env: 'KUMA_TRACING_OPENTELEMETRY_ENDPOINT' }),
  built({
    key: 'diagnostics.serverPort',
    type: port,
    default: 5680,
    env: 'KUMA_DIAGNOSTICS_SERVER_PORT',
    doc: 'Port of `/healthy`, `/ready` and `/metrics`.',
  }),
  known({ key: 'diagnostics.debugEndpoints', type: bool, default: false, env: 'KUMA_DIAGNOSTICS_DEBUG_ENDPOINTS' }),
  built({
    key: 'diagnostics.tlsEnabled',
    type: bool,
    default: false,
    env: 'KUMA_DIAGNOSTICS_TLS_ENABLED',
    doc: 'Whether that port speaks TLS.',
  }),
  built({
    key: 'diagnostics.tlsCertFile',
    type: text,
    default: '',
    env: 'KUMA_DIAGNOSTICS_TLS_CERT_FILE',
    doc: 'PEM certificate of that port. Empty means that of all servers.',
  }),
  built({
    key: 'diagnostics.tlsKeyFile',
    type: text,
    default: '',
    env: 'KUMA_DIAGNOSTICS_TLS_KEY_FILE',
    doc: 'PEM private key for `diagnostics.tlsCertFile`.',
  }),
  built({
    key: 'diagnostics.tlsMinVersion',
    type: tlsVersion,
    default: 'TLSv1_2',
    env: 'KUMA_DIAGNOSTICS_TLS_MIN_VERSION',
    doc: 'Oldest TLS version of that port.',
  }),
  built({
    key: 'diagnostics.tlsMaxVersion',
    type: tlsVersion,
    default: '',
    env: 'KUMA_DIAGNOSTICS_TLS_MAX_VERSION',
    doc: 'Newest TLS version of that port. Empty means the newest there is.',
  }),
  known({ key: 'diagnostics.tlsCipherSuites', type: list, default: [], env: 'KUMA_DIAGNOSTICS_TLS_CIPHER_SUITES' }),
] as const;
