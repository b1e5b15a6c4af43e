import type { PolicyResource } from '../target-ref/policy-spec.ts';
import type { OtelBackendResource } from './otel-backends.ts';
import type { ServiceChange } from './service-view.ts';

/** What a batch of changes touched in a mesh. */
export interface SnapshotDelta {
  /** The Mesh resource itself was put or removed. */
  readonly mesh: boolean;
  /** Names of dataplanes that were put or removed. */
  readonly dataplanes: ReadonlySet<string>;
  /** Services that look different to their callers. */
  readonly services: ReadonlyMap<string, ServiceChange>;
  /** Policies that were put or removed. */
  readonly policies: readonly PolicyChange[];
  /** Collectors of OpenTelemetry that were put or removed. */
  readonly otelBackends: readonly OtelBackendChange[];
}

export interface OtelBackendChange {
  readonly before?: OtelBackendResource;
  readonly after?: OtelBackendResource;
}

export interface PolicyChange {
  readonly before?: PolicyResource;
  readonly after?: PolicyResource;
}
