/** Which secret a proxy needs; who has the keys fills it in outside the pure core. */
export type SecretIr =
  | {
      readonly kind: 'identity';
      readonly name: string;
      readonly mesh: string;
      /** URI SANs of the certificate, the SPIFFE ids first. */
      readonly uris: readonly string[];
    }
  | { readonly kind: 'ca'; readonly name: string; readonly mesh: string };
