import {
  describeKey,
  keyString,
  type Resource,
  type ResourceDraft,
  type ResourceKey,
} from '@kuma-mesh/core-model/resources/resource.ts';
import { frozenJson } from './frozen-json.ts';
import type { Change, ChangeOp, Condition, WriteOp } from './store.ts';
import { StoreError } from './store-error.ts';

export interface WriteContext {
  /** What is stored now. */
  readonly current: (key: ResourceKey) => Resource | undefined;
  /** What is stored now in a mesh; only asked where an operation requires that it is empty. */
  readonly contents: (mesh: string) => Iterable<ResourceKey>;
  /** The store's revision before this write. */
  readonly revision: number;
  readonly now: Date;
}

/**
 * What a write does to the store, decided before anything is written; the same rules for every store.
 * Every operation that changes something takes the next revision. Later operations see the earlier ones.
 *
 * @throws StoreError `exists`, `conflict`, `not-found`, `not-empty`
 */
export function planWrite(ops: readonly WriteOp[], context: WriteContext): readonly Change[] {
  const planned = new Map<string, Resource | undefined>();
  const current = (key: ResourceKey) => {
    const id = keyString(key);
    return planned.has(id) ? planned.get(id) : context.current(key);
  };
  const changes: Change[] = [];
  for (const op of ops) {
    if (isCondition(op)) {
      checkCondition(op, context, current);
      continue;
    }
    const key = keyOf(op.op === 'delete' ? op.key : op.draft);
    const before = current(key);
    checkExpectation(op, key, before);
    const revision = context.revision + changes.length + 1;
    const after = op.op === 'delete' ? undefined : stored(op.draft, before, revision, context.now);
    planned.set(keyString(key), after);
    changes.push(Object.freeze({ revision, key, ...(before && { before }), ...(after && { after }) }));
  }
  return changes;
}

export type WriteResult =
  | { readonly changes: readonly Change[]; readonly refused?: undefined }
  | { readonly refused: unknown; readonly changes?: undefined };

/**
 * Plans writes that are committed together, each of which sees the ones before it; one that cannot be done does not hold up the others.
 * @param stored what is stored of all that {@link concerns} names
 * @returns of each write its changes, or why it was refused
 */
export function planWrites(
  writes: readonly (readonly WriteOp[])[],
  { stored, revision }: { readonly stored: readonly Resource[]; readonly revision: number },
): readonly WriteResult[] {
  const current = new Map(stored.map((resource) => [keyString(resource), resource]));
  const now = new Date();
  let last = revision;
  return writes.map((ops) => {
    try {
      const changes = planWrite(ops, {
        current: (key) => current.get(keyString(key)),
        contents: () => current.values(),
        revision: last,
        now,
      });
      for (const { key, after } of changes) after ? current.set(keyString(key), after) : current.delete(keyString(key));
      last += changes.length;
      return { changes };
    } catch (error) {
      return { refused: error };
    }
  });
}

/** What writes must be told of: resources by key, each once, and meshes with all that they hold. */
export function concerns(writes: readonly (readonly WriteOp[])[]): {
  readonly keys: readonly ResourceKey[];
  readonly meshes: readonly string[];
} {
  const keys = new Map<string, ResourceKey>();
  const meshes = new Set<string>();
  for (const op of writes.flat()) {
    if (op.op === 'require-empty') meshes.add(op.mesh);
    else {
      const key = 'key' in op ? op.key : op.draft;
      keys.set(keyString(key), key);
    }
  }
  return { keys: [...keys.values()], meshes: [...meshes] };
}

function isCondition(op: WriteOp): op is Condition {
  return op.op === 'require' || op.op === 'require-empty';
}

function checkCondition(op: Condition, context: WriteContext, current: (key: ResourceKey) => Resource | undefined): void {
  if (op.op === 'require') {
    if (current(op.key) === undefined)
      throw new StoreError('not-found', `${describeKey(op.key)} does not exist`, { key: op.key });
    return;
  }
  for (const key of context.contents(op.mesh)) {
    if (key.mesh !== op.mesh || current(key) === undefined) continue;
    throw new StoreError('not-empty', `mesh "${op.mesh}" still holds ${describeKey(key)}`, { key });
  }
}

function checkExpectation(op: ChangeOp, key: ResourceKey, before: Resource | undefined): void {
  if (op.op === 'create') {
    if (before) throw new StoreError('exists', `${describeKey(key)} exists already`, { key });
    return;
  }
  if (!before) throw new StoreError('not-found', `${describeKey(key)} does not exist`, { key });
  if (op.expected !== undefined && op.expected !== before.revision) {
    throw new StoreError('conflict', `${describeKey(key)} was changed by someone else meanwhile`, {
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
