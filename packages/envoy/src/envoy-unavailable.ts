/** There is no Envoy to run; `message` says why and `hint` what to do about it. */
export class EnvoyUnavailable extends Error {
  override readonly name = 'EnvoyUnavailable';
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

/** What helps on a machine that this package has no binary for. */
export const installYourself =
  'Install Envoy yourself and say where it is: kuma-dp run --binary-path /path/to/envoy, or KUMA_ENVOY_BINARY=/path/to/envoy.';
