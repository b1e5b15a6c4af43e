import { policyWarnings } from '@kuma-mesh/core-model/policies/warnings/index.ts';
import type { KindDescriptor } from '@kuma-mesh/core-model/resources/kind.ts';
import { kriOf } from '@kuma-mesh/core-model/resources/kri.ts';
import { kinds } from '@kuma-mesh/core-model/resources/registry.ts';
import { renderKubernetes, renderResource } from '@kuma-mesh/core-model/resources/render.ts';
import type { ResourceDraft, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { otelBackendKind, policiesLeftWithout } from '@kuma-mesh/core-model/snapshot/index.ts';
import type { PolicySpec } from '@kuma-mesh/core-model/target-ref/policy-spec.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../auth/access.ts';
import { readDraftFor } from '../resources/read-draft.ts';
import type { ResourceWriter, WriteOptions } from '../resources/resource-writer.ts';
import { ApiError, badRequest, resourceNotFound } from './api-error.ts';
import type { InspectedMeshes } from './inspection/inspected-meshes.ts';
import { jsonBody } from './json-body.ts';
import { listMatches } from './list-matches.ts';
import { listPage } from './list-page.ts';
import { rejectionWarnings } from './rejection-warnings.ts';
import type { UrlOf } from './request-url.ts';
import { demand } from './request-user.ts';
import { type InsightReader, type ResourceReader, requireMesh } from './resource-reader.ts';
import { addPath, pathParameter, queryOf } from './routes.ts';
import { unmatchedPatches } from './unmatched-patches.ts';

export interface ResourceRoutesOptions {
  readonly reader: ResourceReader;
  readonly writer: ResourceWriter;
  readonly access: Access;
  readonly insights: InsightReader;
  readonly meshes: InspectedMeshes;
  /** Name of the control plane's zone. */
  readonly zone: string;
  /** Setting `apiServer.readOnly`. */
  readonly readOnly: boolean;
  readonly urlOf: UrlOf;
}

/** Create, read, update, delete and list resources of every kind. */
export function addResourceRoutes(app: FastifyInstance, options: ResourceRoutesOptions): void {
  for (const kind of kinds) {
    for (const path of [kind.path, ...kind.pathAliases]) {
      if (kind.scope === 'Mesh') {
        addPath(app, `/${path}`, { GET: listOf(kind, options) });
        addPath(app, `/meshes/:mesh/${path}`, { GET: listOf(kind, options) });
        addPath(app, `/meshes/:mesh/${path}/:name`, itemHandlers(kind, options));
      } else {
        addPath(app, `/${path}`, { GET: listOf(kind, options) });
        addPath(app, `/${path}/:name`, itemHandlers(kind, options));
      }
    }
  }
}

function listOf(kind: KindDescriptor, { reader, access, urlOf }: ResourceRoutesOptions) {
  return async (request: FastifyRequest) => {
    demandRead(access, request, kind);
    const { query, matches } = await listMatches(kind, request, reader);
    return listPage(matches, query, urlOf(request), renderResource);
  };
}

function itemHandlers(kind: KindDescriptor, options: ResourceRoutesOptions) {
  const { reader, writer, access, insights } = options;
  return {
    GET: async (request: FastifyRequest, reply: { header(name: string, value: string): unknown }) => {
      demandRead(access, request, kind);
      const render = rendererFor(queryOf(request).format);
      const key = keyOf(kind, request);
      if (key.mesh !== '') await requireMesh(reader, key.mesh);
      const resource = await reader.get(key, kind);
      if (!resource) throw resourceNotFound(key);
      if (resource.revision > 0) reply.header('etag', `"${resource.revision}"`);
      const warnings = kind.policy ? await rejectionWarnings({ mesh: key.mesh, kri: kriOf(resource) }, insights) : [];
      return render(warnings.length > 0 ? { ...resource, status: { ...(resource.status ?? {}), warnings } } : resource);
    },
    PUT: async (request: FastifyRequest, reply: { code(status: number): unknown }) => {
      demandWrite(options, request, kind);
      const { type, mesh, name } = keyOf(kind, request);
      const wanted = writeOptions(request);
      if (mesh !== '' && !wanted.newMesh) await requireMesh(reader, mesh);
      const { draft, warnings } = await readDraftFor(jsonBody(request), { type, name, ...(mesh !== '' && { mesh }) }, (stated) =>
        writer.problems(stated, wanted),
      );
      const outcome = await writer.put(draft, wanted);
      reply.code(outcome === 'created' ? 201 : 200);
      const all = [...warnings, ...(await effectWarnings(kind, draft, options))];
      return all.length > 0 ? { warnings: all } : {};
    },
    DELETE: async (request: FastifyRequest) => {
      demandWrite(options, request, kind);
      const key = keyOf(kind, request);
      const warnings = removalWarnings(key, options);
      await writer.delete(key, writeOptions(request));
      return warnings.length > 0 ? { warnings } : {};
    },
  };
}

/** A policy that does nothing in its mesh, or contradicts others or yields to them, says so in the answer to whoever wrote it. */
async function effectWarnings(
  kind: KindDescriptor,
  draft: ResourceDraft,
  options: ResourceRoutesOptions,
): Promise<readonly string[]> {
  if (!kind.policy) return [];
  await options.meshes.changesFirst();
  const snapshot = options.meshes.snapshot(draft.mesh);
  if (!snapshot) return [];
  const policy = draft as ResourceDraft<PolicySpec>;
  return [...policyWarnings(snapshot, policy), ...(await unmatchedPatches(snapshot, policy, options))];
}

/** What goes on without a resource that others refer to. */
function removalWarnings({ type, mesh, name }: ResourceKey, { meshes }: ResourceRoutesOptions): readonly string[] {
  const snapshot = type === otelBackendKind ? meshes.snapshot(mesh) : undefined;
  return snapshot
    ? policiesLeftWithout(snapshot, name).map(
        (policy) => `${policy.type} "${policy.name}" refers to this ${type}: nothing is sent until there is another one`,
      )
    : [];
}

function keyOf(kind: KindDescriptor, request: FastifyRequest): ResourceKey {
  return { type: kind.name, mesh: pathParameter(request, 'mesh'), name: pathParameter(request, 'name') };
}

/** Kinds that hold secrets are the administrators' alone. */
function isSecret(kind: KindDescriptor): boolean {
  return kind.name === 'Secret' || kind.name === 'GlobalSecret';
}

function demandRead(access: Access, request: FastifyRequest, kind: KindDescriptor): void {
  if (isSecret(kind)) demand(access, request, 'adminResources');
}

function demandWrite({ access, readOnly }: ResourceRoutesOptions, request: FastifyRequest, kind: KindDescriptor): void {
  if (readOnly) throw new ApiError(405, 'Method not allowed', 'this API is read-only (setting apiServer.readOnly)');
  demand(access, request, isSecret(kind) ? 'adminResources' : 'writeResources');
  if (kind.readOnly)
    throw new ApiError(405, 'Method not allowed', `${kind.pluralDisplayName} are written by the control plane only`);
}

function rendererFor(format: unknown) {
  if (format === undefined || format === '' || format === 'universal') return renderResource;
  if (format === 'kubernetes' || format === 'k8s') return renderKubernetes;
  throw badRequest('the format is not valid', [{ field: 'format', reason: `must be universal or kubernetes, not "${format}"` }]);
}

/** `?dryRun=true`, with it `&newMesh=true`, and `If-Match: "<revision>"`, the `ETag` of a resource that was read. */
function writeOptions(request: FastifyRequest): WriteOptions {
  const query = queryOf(request);
  const wrong = ['dryRun', 'newMesh'].filter((field) => !['true', 'false'].includes(String(query[field] ?? 'false')));
  if (wrong.length > 0) {
    throw badRequest(
      'the query is not valid',
      wrong.map((field) => ({ field, reason: `must be true or false, not "${query[field]}"` })),
    );
  }
  const dryRun = query.dryRun === 'true';
  const newMesh = dryRun && query.newMesh === 'true';
  const match = request.headers['if-match'];
  const revision = /^"(\d+)"$/.exec(match ?? '')?.[1];
  if (match !== undefined && match !== '*' && revision === undefined)
    throw badRequest('If-Match must be the ETag of the resource that was read');
  return { dryRun, newMesh, ...(revision !== undefined && { expected: Number(revision) }) };
}
