/** A kind of resource, as the registry that is generated from `proto/` lists it. */
export interface KindDescriptor {
  readonly name: string;
  readonly scope: 'Global' | 'Mesh';
  /** Where a resource's own fields stand in JSON: under `spec`, or beside `type` and `name`. */
  readonly shape: 'Spec' | 'Flat';
  /** Path segment in the HTTP API, and plural in `kumactl get`. */
  readonly path: string;
  readonly pathAliases: readonly string[];
  /** Empty for kinds that have no KRI. */
  readonly shortName: string;
  readonly singularDisplayName: string;
  readonly pluralDisplayName: string;
  readonly readOnly: boolean;
  readonly includeInFederation: boolean;
  readonly policy?: PolicyRoles;
}

/** What a policy kind's specification may contain, and what its references may select. */
export interface PolicyRoles {
  readonly hasTo: boolean;
  readonly hasFrom: boolean;
  readonly hasRules: boolean;
  readonly fromAsRules: boolean;
  readonly targetRef: boolean;
  readonly targetKinds: readonly string[];
  readonly toKinds: readonly string[];
  readonly fromKinds: readonly string[];
  /** Whether it is legal without an item, which says nothing. */
  readonly mayBeEmpty: boolean;
}
