import type { BackendRef, BackendResourceRef, TargetRef } from '../generated/types/kuma/target_ref.ts';

/** A reference in words, for warnings. */
export function described({ kind, name, labels, ...rest }: TargetRef | BackendRef | BackendResourceRef): string {
  const tags = 'tags' in rest ? rest.tags : undefined;
  if (name && tags && Object.keys(tags).length > 0) return `${kind} "${name}" with the tags ${JSON.stringify(tags)}`;
  // A service that is known by its tag is in no namespace, so that its name alone counts.
  const namespace = kind === 'MeshHTTPRoute' && 'namespace' in rest ? rest.namespace : undefined;
  if (name && namespace) return `${kind} "${name}" of namespace "${namespace}"`;
  return name ? `${kind} "${name}"` : `a ${kind} with the labels ${JSON.stringify(labels ?? {})}`;
}
