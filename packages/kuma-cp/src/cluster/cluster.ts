/** A control plane among those on one store. */
export interface Instance {
  readonly id: string;
  /** Where it serves the others. */
  readonly address: string;
  readonly port: number;
}

/** The control planes on one store, as this one sees them. */
export interface Cluster {
  /** Id of this one. */
  readonly self: string;
  /** There may be others: what one knows and others need is written down. */
  readonly shared: boolean;
  /** Whether this one does what only one does. */
  readonly leading: boolean;
  /** Living instances by id, this one among them. */
  readonly instances: ReadonlyMap<string, Instance>;
  /** Since when the store is reached without interruption, in milliseconds since the epoch; undefined when it is not. */
  readonly connectedSince: number | undefined;
  /** Calls back after any of it changed. Returns what ends it. */
  onChange(listener: () => void): () => void;
}

/** The only control plane of its store. */
export function aloneCluster(self: string): Cluster {
  return { self, shared: false, leading: true, instances: new Map(), connectedSince: 0, onChange: () => () => {} };
}
