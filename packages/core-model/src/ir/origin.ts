/** Which item of which resource a value came from. */
export interface Origin {
  /** KRI of the policy. */
  readonly kri: string;
  /** Index in its `to`, `from` or `rules`; absent for policies without items. */
  readonly ruleIndex?: number;
}
