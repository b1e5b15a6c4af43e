/** Something that whoever started kuma-dp can do something about. `hint` says what. */
export class DpError extends Error {
  override readonly name = 'DpError';
  /** `KUMA_DP_...`, stable, for scripts. */
  readonly code: string;
  readonly hint: string | undefined;

  constructor(options: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string | undefined;
    readonly cause?: unknown;
  }) {
    super(options.message, { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
  }
}
