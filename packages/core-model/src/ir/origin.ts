/** Which item of which resource a value came from. */
export interface Origin {
  /** KRI of the policy. */
  readonly kri: string;
  /** Index in its `to`, `from` or `rules`; absent for policies without items. */
  readonly ruleIndex?: number;
}

/**
 * Which policies shaped a piece of a proxy. It stands beside the pieces: those that say the same are one object, whichever
 * policies made them so.
 */
export interface PieceOrigins {
  readonly piece: 'cluster' | 'listener' | 'routes';
  readonly name: string;
  /** In the order in which they were applied. */
  readonly origins: readonly Origin[];
}
