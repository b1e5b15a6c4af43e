import { hash } from 'node:crypto';
import { Memo, metricsClients, metricsEndpoints } from '@kuma-mesh/core-model/proxy/index.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import type { MeshSnapshot } from '@kuma-mesh/core-model/snapshot/index.ts';
import type { FeedConsumer } from '../feed/follow-store.ts';
import type { Change } from '../store/store.ts';
import { assignmentOf, type MonitoringAssignment } from './assignment.ts';

/** What one client is to scrape. The version is the same for the same content, on every control plane. */
export interface AssignmentSet {
  readonly version: string;
  readonly assignments: readonly MonitoringAssignment[];
}

export interface AssignmentsOptions {
  /** Follows the same feed, and before this one. */
  readonly meshes: { snapshot(mesh: string): MeshSnapshot | undefined };
  /** Milliseconds in which changes are told of at most once. */
  readonly interval: number;
}

interface Assigned {
  /** The client that a policy names; undefined for those that no policy names. */
  readonly clientId: string | undefined;
  readonly assignment: MonitoringAssignment;
}

/** Of one mesh, as far as it was asked for. */
interface MeshAssignments {
  readonly memo: Memo;
  clients: ReadonlySet<string>;
  /** By name of the Dataplane. */
  readonly byDataplane: Map<string, readonly Assigned[]>;
  /** Dataplanes to look at again, or all of them. */
  stale: Set<string> | 'all';
}

/**
 * Who is to scrape which proxies. Made only when somebody asks, and then kept up to date by the feed: a change of a
 * Dataplane costs that one alone.
 */
export class MonitoringAssignments implements FeedConsumer {
  readonly #options: AssignmentsOptions;
  readonly #meshes = new Map<string, MeshAssignments>();
  readonly #listeners = new Set<() => void>();
  #sets: Map<string | undefined, AssignmentSet> | undefined;
  #telling: NodeJS.Timeout | undefined;

  constructor(options: AssignmentsOptions) {
    this.#options = options;
  }

  load(resources: readonly Resource[]): void {
    for (const { type, name } of resources) if (type === 'Mesh') this.#mesh(name).stale = 'all';
  }

  apply(changes: readonly Change[]): void {
    let changed = false;
    for (const { key } of changes) {
      const mesh = this.#mesh(key.type === 'Mesh' ? key.name : key.mesh);
      if (key.type === 'Mesh' || key.type === 'MeshMetric') mesh.stale = 'all';
      else if (key.type !== 'Dataplane') continue;
      else if (mesh.stale !== 'all') mesh.stale.add(key.name);
      changed = true;
    }
    if (changed) this.#changed();
  }

  /** @param clientId as the client calls itself */
  of(clientId: string): AssignmentSet {
    this.#sets ??= this.#makeSets();
    return this.#sets.get(clientId) ?? this.#sets.get(undefined)!;
  }

  /** Calls back some time after changes, which need not concern everybody. Returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.#telling);
    this.#listeners.clear();
  }

  #mesh(name: string): MeshAssignments {
    const known = this.#meshes.get(name);
    if (known !== undefined) return known;
    const mesh: MeshAssignments = { memo: new Memo(), clients: new Set(), byDataplane: new Map(), stale: 'all' };
    this.#meshes.set(name, mesh);
    return mesh;
  }

  #changed(): void {
    this.#sets = undefined;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      for (const listener of [...this.#listeners]) listener();
    }, this.#options.interval);
  }

  /** A client that some policy names gets what is for it alone, though that may be nothing. */
  #makeSets(): Map<string | undefined, AssignmentSet> {
    for (const [name, mesh] of this.#meshes) {
      const snapshot = this.#options.meshes.snapshot(name);
      if (snapshot === undefined) this.#meshes.delete(name);
      else refresh(mesh, snapshot);
    }
    const meshes = [...this.#meshes.values()];
    const all = meshes.flatMap(({ byDataplane }) => [...byDataplane.values()].flat());
    const byClient = Map.groupBy(all, ({ clientId }) => clientId);
    const clients = [undefined, ...meshes.flatMap(({ clients }) => [...clients])];
    return new Map(clients.map((client) => [client, setOf(byClient.get(client) ?? [])]));
  }
}

function refresh(mesh: MeshAssignments, snapshot: MeshSnapshot): void {
  const { memo, byDataplane, stale } = mesh;
  if (stale === 'all') {
    mesh.clients = metricsClients(snapshot);
    byDataplane.clear();
  }
  for (const name of stale === 'all' ? snapshot.dataplanes.keys() : stale) {
    const dataplane = snapshot.dataplanes.get(name);
    const endpoints = dataplane ? metricsEndpoints(snapshot, dataplane, memo) : [];
    if (endpoints.length === 0) byDataplane.delete(name);
    else
      byDataplane.set(
        name,
        endpoints.map((endpoint) => ({ clientId: endpoint.clientId, assignment: assignmentOf(dataplane!, endpoint) })),
      );
  }
  mesh.stale = new Set();
}

function setOf(assigned: readonly Assigned[]): AssignmentSet {
  const lines = assigned.map(({ assignment }) => [JSON.stringify(assignment), assignment] as const);
  lines.sort(([a], [b]) => (a < b ? -1 : 1));
  const version = hash('sha256', lines.map(([text]) => text).join('\n'), 'base64url').slice(0, 22);
  return { version, assignments: lines.map(([, assignment]) => assignment) };
}
