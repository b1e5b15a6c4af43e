import { keyString, type Resource, type ResourceDraft, type ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { frozenJson } from './frozen-json.ts';
import type { Change, WriteOp } from './store.ts';
import { StoreError } from './store-error.ts';

export interface WriteContext {
  /** What is stored now. */
  readonly current: (key: ResourceKey) => Resource | undefined;
  /** The store's revision before this write. */
  readonly revision: number;
  readonly now: Date;
}

/**
 * What a write does to the store, decided before anything is written; the same rules for every store.
 * Every operation takes the next revision. Later operations see the earlier ones.
 *
 * @throws StoreError `exists`, `conflict`, `not-found`
 */
export function planWrite(ops: readonly WriteOp[], context: WriteContext): readonly Change[] {
  const planned = new Map<string, Resource | undefined>();
  return ops.map((op, index) => {
    const key = keyOf(op.op === 'delete' ? op.key : op.draft);
    const id = keyString(key);
    const before = planned.has(id) ? planned.get(id) : context.current(key);
    checkExpectation(op, key, before);
    const revision = context.revision + index + 1;
    const after = op.op === 'delete' ? undefined : stored(op.draft, before, revision, context.now);
    planned.set(id, after);
    return Object.freeze({ revision, key, ...(before && { before }), ...(after && { after }) });
  });
}

function checkExpectation(op: WriteOp, key: ResourceKey, before: Resource | undefined): void {
  if (op.op === 'create') {
    if (before) throw new StoreError('exists', `${describe(key)} exists already`, { key });
    return;
  }
  if (!before) throw new StoreError('not-found', `${describe(key)} does not exist`, { key });
  if (op.expected !== undefined && op.expected !== before.revision) {
    throw new StoreError('conflict', `${describe(key)} was changed by someone else meanwhile`, {
      key,
      hint: 'read it again, then repeat the change',
    });
  }
}

function stored(draft: ResourceDraft, before: Resource | undefined, revision: number, now: Date): Resource {
  const time = now.toISOString();
  return Object.freeze({
    type: draft.type,
    mesh: draft.mesh,
    name: draft.name,
    labels: frozenJson(draft.labels),
    spec: frozenJson(draft.spec),
    ...(draft.status !== undefined && { status: frozenJson(draft.status) }),
    creationTime: before?.creationTime ?? time,
    modificationTime: time,
    revision,
  });
}

function keyOf(key: ResourceKey): ResourceKey {
  return Object.freeze({ type: key.type, mesh: key.mesh, name: key.name });
}

function describe(key: ResourceKey): string {
  return key.mesh === '' ? `${key.type} "${key.name}"` : `${key.type} "${key.name}" in mesh "${key.mesh}"`;
}
