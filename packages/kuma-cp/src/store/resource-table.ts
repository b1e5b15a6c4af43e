import type { Resource, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Change } from './store.ts';

/** All resources of a store in memory, by kind. Readers share the frozen resources with every later stage. */
export class ResourceTable {
  readonly #byType = new Map<string, Map<string, Resource>>();
  /** Sorted lists of kinds that did not change since they were last listed. */
  readonly #sorted = new Map<string, readonly Resource[]>();
  #revision = 0;

  get revision(): number {
    return this.#revision;
  }

  load(revision: number, resources: readonly Resource[]): void {
    this.#revision = revision;
    for (const resource of resources) this.#kind(resource.type).set(nameInKind(resource), resource);
  }

  apply(changes: readonly Change[]): void {
    for (const { key, after, revision } of changes) {
      if (after) this.#kind(key.type).set(nameInKind(key), after);
      else this.#kind(key.type).delete(nameInKind(key));
      this.#sorted.delete(key.type);
      this.#revision = revision;
    }
  }

  /** The resources show this revision, although nothing of it concerned them. */
  moveTo(revision: number): void {
    this.#revision = revision;
  }

  get(key: ResourceKey): Resource | undefined {
    return this.#byType.get(key.type)?.get(nameInKind(key));
  }

  /** Sorted by mesh, then name. */
  list(query: { readonly type: string; readonly mesh?: string }): readonly Resource[] {
    const all = this.#sorted.get(query.type) ?? this.#sort(query.type);
    return query.mesh === undefined ? all : all.filter((resource) => resource.mesh === query.mesh);
  }

  all(): readonly Resource[] {
    return [...this.#byType.values()].flatMap((kind) => [...kind.values()]);
  }

  /** Of one mesh, the Mesh itself not among them. */
  contents(mesh: string): readonly Resource[] {
    return this.all().filter((resource) => resource.mesh === mesh);
  }

  #sort(type: string): readonly Resource[] {
    const sorted = Object.freeze([...(this.#byType.get(type)?.values() ?? [])].sort(byMeshAndName));
    this.#sorted.set(type, sorted);
    return sorted;
  }

  #kind(type: string): Map<string, Resource> {
    let kind = this.#byType.get(type);
    if (!kind) {
      kind = new Map();
      this.#byType.set(type, kind);
    }
    return kind;
  }
}

function nameInKind(key: ResourceKey): string {
  return `${key.mesh}/${key.name}`;
}

export function byMeshAndName(a: ResourceKey, b: ResourceKey): number {
  if (a.mesh !== b.mesh) return a.mesh < b.mesh ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
