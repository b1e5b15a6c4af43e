import type { Resource, ResourceDraft, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';

/** One write. `expected` is the revision that the writer has seen; another one is a conflict. */
export type ChangeOp =
  | { readonly op: 'create'; readonly draft: ResourceDraft }
  | { readonly op: 'update'; readonly draft: ResourceDraft; readonly expected: number }
  | { readonly op: 'delete'; readonly key: ResourceKey; readonly expected?: number };

/** What must be so at the moment of the write: `require` that a resource exists, `require-empty` that a mesh holds nothing any more. */
export type Condition =
  | { readonly op: 'require'; readonly key: ResourceKey }
  | { readonly op: 'require-empty'; readonly mesh: string };

export type WriteOp = ChangeOp | Condition;

/** A committed write. `before` and `after` say which of put, replace and remove it was. */
export interface Change {
  readonly revision: number;
  readonly key: ResourceKey;
  readonly before?: Resource;
  readonly after?: Resource;
}

/**
 * Where resources live. Implementations: memory, embedded, postgres, later kubernetes; one conformance suite covers all.
 *
 * What `write` has answered survives a crash of the process; readers see all operations of a `write` or none.
 */
export interface ResourceStore {
  get(key: ResourceKey): Promise<Resource | undefined>;
  /** Sorted by mesh, then name. All meshes when `mesh` is absent. */
  list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Resource[]>;
  /** All kinds, with the revision that the list shows; where a feed begins. */
  snapshot(): Promise<{ readonly revision: number; readonly resources: readonly Resource[] }>;
  /**
   * All operations or none.
   * @returns the stored resource of each operation that is no condition, undefined for a delete
   * @throws StoreError `exists`, `conflict`, `not-found` (also of a resource that is required), `not-empty`; `full`, `unavailable`
   */
  write(ops: readonly WriteOp[]): Promise<readonly (Resource | undefined)[]>;
  /** Calls back after each commit and before its writes are answered, in order of revision, with all its changes. Returns what ends it. */
  subscribe(listener: (changes: readonly Change[]) => void): () => void;
  /**
   * Waits until reads show every write that was answered before this call, by whichever process. Absent: they always do. Never
   * rejects: without the database, what was known is read.
   * @returns undefined when they do; otherwise milliseconds since they were last known to
   */
  fresh?(): Promise<number | undefined>;
  /**
   * As `fresh`, for whoever decides by what is read and is not served by what was known: waits for as long as the store may answer.
   * @throws StoreError `unavailable`
   */
  current?(): Promise<void>;
  /** Milliseconds since reads were last known to show everything; undefined while they do. Absent: they always do. */
  staleness?(): number | undefined;
  /**
   * Takes part among the processes on the same store, until it is closed. Absent: there is no other.
   * @param facts what the others are to know of this one
   */
  join?(facts: Readonly<Record<string, unknown>>, listener: PeersListener): Promise<void>;
  /** What the control plane observes (insights): apart from resources, no revision, no feed. */
  readonly insights: InsightStore;
  close(): Promise<void>;
}

/** The processes on one store, as one of them sees them. */
export interface Peers {
  /** Whether this one is the one of them that leads. */
  readonly leading: boolean;
  /** By id, what the living ones say of themselves; this one among them. */
  readonly instances: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Since when the store is reached without interruption, in milliseconds since the epoch; undefined when it is not. */
  readonly connectedSince: number | undefined;
}

export type PeersListener = (peers: Peers) => void;

/** Last write wins. */
export interface InsightStore {
  get(key: ResourceKey): Promise<Insight | undefined>;
  /** Those of the keys that there are. */
  getMany(keys: readonly ResourceKey[]): Promise<readonly Insight[]>;
  list(query: { readonly type: string; readonly mesh?: string }): Promise<readonly Insight[]>;
  /** @param news keys among them that other processes want to hear of */
  putMany(insights: readonly Insight[], news?: readonly ResourceKey[]): Promise<void>;
  deleteMany(keys: readonly ResourceKey[]): Promise<void>;
  /** Calls back with what another process wrote as news. Absent: there is no other. Returns what ends it. */
  subscribe?(listener: (keys: readonly ResourceKey[]) => void): () => void;
}

export interface Insight<Spec = unknown> extends ResourceKey {
  readonly creationTime: string;
  readonly modificationTime: string;
  readonly spec: Spec;
}
