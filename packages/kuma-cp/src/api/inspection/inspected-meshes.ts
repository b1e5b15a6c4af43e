import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ProxyInput } from '@kuma-mesh/core-model/proxy/index.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { MeshSnapshot } from '@kuma-mesh/core-model/snapshot/index.ts';
import type { EncodedProxy } from '@kuma-mesh/xds-encode/encoded.ts';
import type { FastifyRequest } from 'fastify';
import { meshNotFound, resourceNotFound } from '../api-error.ts';
import { pathParameter } from '../routes.ts';

/** Meshes and proxies as the pipeline follows them. */
export interface InspectedMeshes {
  /** Undefined when there is no such mesh. */
  snapshot(mesh: string): MeshSnapshot | undefined;
  /** Lets proxies be told of what has just changed, before something is worked out that nobody waits for as they do. */
  changesFirst(): Promise<void>;
  /** Undefined when the proxy has no stream. */
  connected(proxy: { readonly mesh: string; readonly name: string }): InspectedProxy | undefined;
}

export interface InspectedProxy {
  /** What it said of itself. */
  readonly input: Omit<ProxyInput, 'dataplane'>;
  /** What it is to run; undefined until the first was made. */
  readonly config: EncodedProxy | undefined;
}

export interface Subject {
  readonly snapshot: MeshSnapshot;
  readonly dataplane: Resource<Dataplane>;
}

/** @throws ApiError 404 */
export function meshOf(request: FastifyRequest, meshes: InspectedMeshes): MeshSnapshot {
  const name = pathParameter(request, 'mesh');
  const snapshot = meshes.snapshot(name);
  if (!snapshot) throw meshNotFound(name);
  return snapshot;
}

/**
 * The dataplane that a path `/meshes/:mesh/dataplanes/:name/...` is about.
 * @throws ApiError 404
 */
export function subjectOf(request: FastifyRequest, meshes: InspectedMeshes): Subject {
  const snapshot = meshOf(request, meshes);
  const name = pathParameter(request, 'name');
  const dataplane = snapshot.dataplanes.get(name);
  if (!dataplane) throw resourceNotFound({ type: 'Dataplane', mesh: snapshot.mesh, name });
  return { snapshot, dataplane };
}

/** Kinds that policies for incoming traffic of are read as `rules`, whichever way they were written. */
export function hasInboundRules(kind: string): boolean {
  const policy = kindByName(kind)?.policy;
  return policy !== undefined && (policy.hasRules || policy.fromAsRules);
}
