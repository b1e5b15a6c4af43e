/** How TLS is spoken; what is absent is Envoy's choice. */
export interface TlsParamsIr {
  readonly min?: TlsVersionIr;
  readonly max?: TlsVersionIr;
  /** Of TLS 1.2 and older, by OpenSSL's names; empty leaves Envoy's. */
  readonly ciphers: readonly string[];
}

export type TlsVersionIr = '1.0' | '1.1' | '1.2' | '1.3';
