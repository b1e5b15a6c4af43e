import { isDeepStrictEqual } from 'node:util';
import { awaitingProbes } from '@kuma-mesh/core-model/dataplane/service-probes.ts';
import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { Mesh } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import { type ControlPlaneIdentity, computeLabels } from '@kuma-mesh/core-model/resources/labels.ts';
import { kindByName } from '@kuma-mesh/core-model/resources/registry.ts';
import {
  describeKey,
  keyString,
  type Problem,
  type Resource,
  type ResourceDraft,
  type ResourceKey,
} from '@kuma-mesh/core-model/resources/resource.ts';
import type { ResourceStore, WriteOp } from '../store/store.ts';
import { StoreError, type StoreErrorCode } from '../store/store-error.ts';
import type { CaProvisioner } from './ca-provisioner.ts';
import { membershipProblems, withZoneTags } from './dataplane-checks.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { meshProblems } from './mesh-checks.ts';
import { meshCompanions } from './mesh-companions.ts';
import { invalid } from './read-draft.ts';
import { ResourceError } from './resource-error.ts';
import { secretInUseProblems } from './secret-checks.ts';

export interface WriteOptions {
  /** Checks everything and writes nothing. */
  readonly dryRun?: boolean;
  /** With `dryRun`: the resource's mesh is made by the same caller next, and need not be there. */
  readonly newMesh?: boolean;
  /** Revision that the writer has seen; another one is refused as `conflict`. Without it the last write wins. */
  readonly expected?: number | undefined;
  /** Further operations of the same write, asked for anew whenever it is tried again. */
  readonly beside?: () => Promise<readonly WriteOp[]>;
}

export type WriteOutcome = 'created' | 'updated';

/** The one way in for resources: the HTTP API, proxies that bring their Dataplane, and the control plane itself. */
export interface ResourceWriter {
  /**
   * Creates or replaces a resource that has passed `readDraft`. A new mesh comes with its first policies and keys.
   * A draft that says what is stored already is not written again.
   * @throws ResourceError
   */
  put(draft: ResourceDraft, options?: WriteOptions): Promise<WriteOutcome>;
  /** What `put` would refuse of a draft, which may be a part of what somebody wrote, for reasons that lie in the store. */
  problems(draft: ResourceDraft, options?: Pick<WriteOptions, 'newMesh'>): Promise<readonly Problem[]>;
  /**
   * Deletes a resource; a mesh with all that is in it.
   * @throws ResourceError
   */
  delete(key: ResourceKey, options?: WriteOptions): Promise<void>;
}

export interface ResourceWriterOptions {
  readonly store: ResourceStore;
  readonly identity: ControlPlaneIdentity;
  readonly ca: CaProvisioner;
  /** Whether proxies are asked what a `serviceProbe` of a Dataplane is for. */
  readonly serviceProbes: boolean;
}

/** How often a write is tried again that lost against another control plane on the same store. */
const maxAttempts = 10;

export function createResourceWriter(options: ResourceWriterOptions): ResourceWriter {
  const { store, identity } = options;
  // Two writes of one resource would only fail each other.
  const queue = new KeyedQueue();

  const labelled = (
    draft: ResourceDraft,
    before?: Resource,
  ): { readonly draft: ResourceDraft; readonly problems: readonly Problem[] } => {
    const computed = computeLabels(draft, kindByName(draft.type)!, identity, before?.labels);
    return computed.ok ? { draft: { ...draft, labels: computed.labels }, problems: [] } : { draft, problems: computed.problems };
  };

  const asItBegins = (draft: ResourceDraft): ResourceDraft =>
    isDataplane(draft) && options.serviceProbes ? { ...draft, spec: awaitingProbes(draft.spec) } : draft;

  const check = async (stated: ResourceDraft, { newMesh = false }: WriteOptions = {}) => {
    const [mesh, before] = await Promise.all([newMesh ? undefined : meshOf(stated, store), store.get(stated)]);
    const begun = before ? stated : asItBegins(stated);
    const placed = isDataplane(begun) ? withZoneTags(begun, identity.zone) : begun;
    const { draft, problems } = labelled(placed, before);
    return { mesh, before, draft, problems: [...problems, ...(await storeProblems(draft, { mesh, before, store }))] };
  };

  const put = async (
    stated: ResourceDraft,
    { dryRun = false, newMesh = false, expected, beside }: WriteOptions,
  ): Promise<WriteOutcome> => {
    const { mesh, before, draft, problems } = await check(stated, { newMesh: dryRun && newMesh });
    if (expected !== undefined && expected !== before?.revision) throw changedMeanwhile(stated);
    if (problems.length > 0) throw invalid(problems);
    const outcome = before ? 'updated' : 'created';
    if (dryRun) return outcome;
    const more = beside ? await beside() : [];
    const changed = !before || !sameContent(draft, before);
    if (!changed && more.length === 0) return outcome;
    const companions = changed && isMesh(draft) ? await companionsOf(draft, before) : [];
    await store.write([
      // Nothing is created in a mesh while it is being deleted, by whichever control plane.
      ...(mesh ? [{ op: 'require', key: mesh } as const] : []),
      ...(changed ? [writeOf(draft, before)] : []),
      ...companions.map((companion): WriteOp => ({ op: 'create', draft: labelled(companion).draft })),
      ...more,
    ]);
    return outcome;
  };

  const companionsOf = async (mesh: ResourceDraft<Mesh>, before: Resource | undefined): Promise<readonly ResourceDraft[]> => {
    const [own, ca] = await Promise.all([before ? [] : meshCompanions(mesh), options.ca.ensure(mesh)]);
    return [...own, ...ca];
  };

  const remove = async (key: ResourceKey, { dryRun = false, expected }: WriteOptions): Promise<void> => {
    const mesh = await meshOf(key, store);
    const before = await store.get(key);
    if (!before) throw new ResourceError('not-found', `${describeKey(key)} does not exist`);
    if (expected !== undefined && expected !== before.revision) throw changedMeanwhile(key);
    if (key.type === 'Secret') refuseInUse(secretInUseProblems(key, mesh?.spec), 'The secret is in use');
    const inside = key.type === 'Mesh' ? await contentsOf(key.name, store) : [];
    refuseInUse(dataplaneProblems(key.name, inside), 'The mesh has dataplanes');
    if (dryRun) return;
    const deleted = [...inside, before].map(
      (resource): WriteOp => ({ op: 'delete', key: resource, expected: resource.revision }),
    );
    await store.write(key.type === 'Mesh' ? [...deleted, { op: 'require-empty', mesh: key.name }] : deleted);
    await forgetInsights(key, store);
  };

  return {
    problems: async (draft, more) => (await check(draft, more)).problems,
    put: (draft, more = {}) => queue.run(keyString(draft), () => retryOnConflict(draft, () => put(draft, more))),
    delete: (key, more = {}) => queue.run(keyString(key), () => retryOnConflict(key, () => remove(key, more))),
  };
}

/** What a write finds that came too late. */
const lost: ReadonlySet<StoreErrorCode> = new Set(['conflict', 'exists', 'not-found', 'not-empty']);

/** Another control plane on the same store came between reading and writing: read again, then write. */
async function retryOnConflict<T>(key: ResourceKey, attempt: () => Promise<T>): Promise<T> {
  for (let left = maxAttempts; left > 0; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StoreError && lost.has(error.code))) throw error;
    }
  }
  throw changedMeanwhile(key);
}

async function meshOf(key: ResourceKey, store: ResourceStore): Promise<Resource<Mesh> | undefined> {
  if (key.mesh === '') return undefined;
  const mesh = await store.get({ type: 'Mesh', mesh: '', name: key.mesh });
  if (!mesh) throw new ResourceError('mesh-not-found', `Mesh "${key.mesh}" does not exist`);
  return mesh as Resource<Mesh>;
}

async function storeProblems(
  draft: ResourceDraft,
  {
    mesh,
    before,
    store,
  }: { readonly mesh: Resource<Mesh> | undefined; readonly before: Resource | undefined; readonly store: ResourceStore },
): Promise<readonly Problem[]> {
  if (isMesh(draft)) return meshProblems(draft, before?.spec as Mesh | undefined, store);
  if (isDataplane(draft) && mesh) return membershipProblems(draft.spec, mesh.spec);
  return [];
}

async function contentsOf(mesh: string, store: ResourceStore): Promise<readonly Resource[]> {
  const { resources } = await store.snapshot();
  return resources.filter((resource) => resource.mesh === mesh);
}

function dataplaneProblems(mesh: string, inside: readonly Resource[]): readonly Problem[] {
  const names = inside.filter(({ type }) => type === 'Dataplane').map(({ name }) => name);
  if (names.length === 0) return [];
  const shown = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  return [{ field: 'mesh', reason: `mesh "${mesh}" still has dataplanes: ${shown}; stop them first` }];
}

function refuseInUse(problems: readonly Problem[], message: string): void {
  if (problems.length > 0) throw new ResourceError('in-use', message, problems);
}

async function forgetInsights(key: ResourceKey, store: ResourceStore): Promise<void> {
  if (key.type === 'Dataplane') await store.insights.deleteMany([{ ...key, type: 'DataplaneInsight' }]);
}

function sameContent(draft: ResourceDraft, stored: Resource): boolean {
  return isDeepStrictEqual(draft.labels, stored.labels) && isDeepStrictEqual(draft.spec, stored.spec);
}

function writeOf(draft: ResourceDraft, before: Resource | undefined): WriteOp {
  return before ? { op: 'update', draft, expected: before.revision } : { op: 'create', draft };
}

function isMesh(draft: ResourceDraft): draft is ResourceDraft<Mesh> {
  return draft.type === 'Mesh';
}

function isDataplane(draft: ResourceDraft): draft is ResourceDraft<Dataplane> {
  return draft.type === 'Dataplane';
}

function changedMeanwhile(key: ResourceKey): ResourceError {
  return new ResourceError(
    'conflict',
    `${describeKey(key)} was changed by someone else meanwhile; read it again, then repeat the change`,
  );
}
