export type IdentityErrorCode = 'mtls-off' | 'authority-unavailable' | 'authority-expired' | 'signing-failed';

/** A certificate could not be had. Never carries key material. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: IdentityErrorCode;
  readonly hint: string;

  constructor(code: IdentityErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}
