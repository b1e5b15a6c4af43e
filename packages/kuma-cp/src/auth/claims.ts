/** Claims of a dataplane token. Its letter case is that of Kuma's tokens. */
export interface DataplaneClaims {
  /** Empty: any proxy. */
  readonly Name: string;
  readonly Mesh: string;
  /** Values that a proxy may have of these tags. */
  readonly Tags: Readonly<Record<string, readonly string[]>>;
  /** Kind of proxy: `dataplane`, `ingress`, `egress`; empty is `dataplane`. */
  readonly Type: string;
  /** Value of the label `kuma.io/workload`; empty: any. */
  readonly Workload: string;
}

export interface ZoneClaims {
  readonly Zone: string;
  readonly Scope: readonly string[];
}

export interface UserClaims {
  readonly Name: string;
  readonly Groups: readonly string[] | null;
}
