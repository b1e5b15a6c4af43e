import type { Problem, ResourceKey } from './resource.ts';

/**
 * Rules of one kind that its schema cannot say, mostly those between fields. `spec` has passed the schema, less what was
 * wrong with it, so that any field may be absent. Fields of problems are full paths, with `spec.` where the kind has it.
 */
export type SemanticValidator<Spec = unknown> = (spec: Spec, key: ResourceKey) => readonly Problem[];
