/** How to reach a database, and how much of it to use. Times are milliseconds. */
export interface PostgresOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: PostgresTls;
  /** To connect, and for the database to give a sign of life. */
  readonly connectionTimeout: number;
  readonly minConnections: number;
  readonly maxConnections: number;
  readonly maxIdleTime: number;
  readonly maxLifetime: number;
  readonly maxLifetimeJitter: number;
  /** Answers lists, so many of a hundred; what it does not know yet is not in them. */
  readonly readReplica?: { readonly host: string; readonly port: number; readonly ratio: number } | undefined;
  /** After which PostgreSQL ends a statement; 0 for never. */
  readonly longestStatement?: number;
  /** After which a change that is not answered is given up. */
  readonly longestChange?: number;
  /** Between two looks at all resources for what the feed missed. */
  readonly compareInterval?: number;
}

export type PostgresTls =
  | { readonly mode: 'disable' }
  | {
      /** `verifyNone` encrypts alone, `verifyCa` knows who vouches for the server, `verifyFull` also which server it is. */
      readonly mode: 'verifyNone' | 'verifyCa' | 'verifyFull';
      /** PEM; the authorities that the system trusts when absent. */
      readonly ca?: string | undefined;
      /** What the control plane shows of itself, PEM. */
      readonly client?: { readonly certificate: string; readonly key: string } | undefined;
    };
