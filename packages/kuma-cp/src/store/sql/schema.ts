/** Tables as queries see them. JSON is text: what we write is what we read, on every database. */
export interface StoreSchema {
  readonly resources: ResourceRow;
  readonly insights: InsightRow;
  readonly store_revision: RevisionRow;
}

export interface ResourceRow {
  readonly type: string;
  /** Empty for kinds of global scope: NULL is never equal to itself in a primary key. */
  readonly mesh: string;
  readonly name: string;
  readonly labels: string;
  readonly spec: string;
  readonly status: string | null;
  readonly creation_time: string;
  readonly modification_time: string;
  /** Drivers give 64-bit numbers as number, bigint or string; the repository makes numbers of them. */
  readonly revision: number;
}

export interface InsightRow {
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
  readonly spec: string;
  readonly creation_time: string;
  readonly modification_time: string;
}

/** One row. Writers update it first, and so wait for each other: revisions are committed in order. */
export interface RevisionRow {
  readonly id: number;
  readonly revision: number;
}
