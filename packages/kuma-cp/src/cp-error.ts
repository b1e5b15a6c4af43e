/** What keeps kuma-cp from starting or doing what it was asked, for whoever asked. */
export class CpError extends Error {
  override readonly name = 'CpError';
  readonly code: 'usage' | 'settings' | 'port' | 'certificate' | 'work-dir' | 'not-built';
  /** What the person in front of it can do. */
  readonly hint: string | undefined;

  constructor(code: CpError['code'], message: string, more: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
  }
}
