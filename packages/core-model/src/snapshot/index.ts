export { applyChanges, type ResourceChange } from './apply-changes.ts';
export type { PolicyChange, SnapshotDelta } from './delta.ts';
export { emptySnapshot, type MeshSnapshot } from './mesh-snapshot.ts';
export { type MutualTls, mutualTls } from './mutual-tls.ts';
export { noEffectWarnings } from './no-effect.ts';
export { type OtelBackendResource, otelBackendKind, policiesLeftWithout } from './otel-backends.ts';
export type { ServiceChange, ServiceView } from './service-view.ts';
export { nobodyReady, type TlsReadiness, tlsReadinessKind } from './tls-readiness.ts';
export { selectedProxies, type TouchedProxies, touchedProxies } from './touched-proxies.ts';
