/** Identifies a resource. `mesh` is empty for kinds of global scope. */
export interface ResourceKey {
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
}

/** What a writer states of a resource; the store adds revision and times. */
export interface ResourceDraft<Spec = unknown> extends ResourceKey {
  readonly labels: Readonly<Record<string, string>>;
  /** The kind's own fields, as JSON, wherever they stand in the HTTP API's shape. */
  readonly spec: Spec;
  readonly status?: unknown;
}

/** A stored resource: deeply frozen, replaced and never changed. */
export interface Resource<Spec = unknown> extends ResourceDraft<Spec> {
  /** RFC 3339. */
  readonly creationTime: string;
  /** RFC 3339. */
  readonly modificationTime: string;
  /** Store-wide revision of the last write; grows with every write to any resource. */
  readonly revision: number;
}

/** One thing that is wrong with an input, at a path such as `spec.to[0].targetRef.kind`. */
export interface Problem {
  readonly field: string;
  readonly reason: string;
  /** Set where the value cannot be read at all: wrong JSON type, bad base64, bad duration. The HTTP API answers `Bad Request` then. */
  readonly kind?: 'malformed';
  /** Other fields without whose values it would be none: where one of them cannot be read, it is only a consequence. */
  readonly given?: readonly string[];
  /** The field should not be there at all, whatever stands in it or cannot be read of it. */
  readonly unwanted?: true;
}

/** @param why continues the sentence, such as ` when type is TCP` or `: it has no effect` */
export function mustBeAbsent(field: string, why: string): Problem {
  return { field, reason: `must be absent${why}`, unwanted: true };
}

/** `type/mesh/name`, a map key for a {@link ResourceKey}. */
export function keyString(key: ResourceKey): string {
  return `${key.type}/${key.mesh}/${key.name}`;
}

/** A resource as messages speak of it. */
export function describeKey({ type, mesh, name }: ResourceKey): string {
  return mesh === '' ? `${type} "${name}"` : `${type} "${name}" in mesh "${mesh}"`;
}
