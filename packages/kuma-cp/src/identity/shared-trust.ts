import { createHash } from 'node:crypto';
import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { SharedTrust } from './trust.ts';

/** Not among the kinds that users see. Certificates only; keys are in Secrets. */
const type = 'CertificateTrust';

/** Where the control planes on one store agree on a mesh's authorities. */
export function sharedTrustKey(mesh: string): ResourceKey {
  return { type, mesh, name: mesh };
}

export function isSharedTrust(resource: Resource): resource is Resource<SharedTrust> {
  return resource.type === type;
}

/** What one control plane says of the proxies that it serves. */
export interface TrustReport {
  /** Names the set of roots that it trusts. */
  readonly roots: string;
  /** Every one of them runs with those. */
  readonly ready: boolean;
  /** By authority, when the last of its certificates ends that one of them may run with. Milliseconds since the epoch. */
  readonly held: Readonly<Record<string, number>>;
}

export function rootsId(roots: string): string {
  return createHash('sha256').update(roots).digest('base64url');
}
