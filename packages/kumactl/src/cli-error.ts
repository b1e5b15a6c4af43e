/** Something that the user can do something about. `hint` says what. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly hint: string | undefined;
  /** What is wrong, one by one, where that is known; the message says it as well. */
  readonly problems: readonly string[];

  constructor(options: { code: string; message: string; hint?: string; problems?: readonly string[]; cause?: unknown }) {
    super(options.message, { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }
}
