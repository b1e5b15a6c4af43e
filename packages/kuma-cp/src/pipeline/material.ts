import type { SecretIr } from '@kuma-mesh/core-model/ir/index.ts';

/** Key material of one secret. Never logged, never in an error. */
export type SecretMaterial =
  | {
      readonly kind: 'identity' /** PEM, leaf first. */;
      readonly certificateChain: string /** PEM, PKCS#8. */;
      readonly privateKey: string;
      readonly notAfter: Date;
    }
  | { readonly kind: 'ca' /** PEM, one or more roots. */; readonly roots: string };

/** Who has keys: `identity/`. The pipeline asks for what the IR of a proxy names. */
export interface SecretSource {
  /** Material for a proxy's secret; an identity is kept per proxy and renewed at four fifths of its life. Signs off the main thread. */
  material(proxy: { readonly mesh: string; readonly name: string }, secret: SecretIr): Promise<SecretMaterial>;
  /** Calls back when a proxy's material was replaced (renewal, CA rotation); the next `material` gives the new one. */
  onReplaced(listener: (proxy: { readonly mesh: string; readonly name: string }) => void): void;
  /** The proxy is gone for good. */
  forget(proxy: { readonly mesh: string; readonly name: string }): void;
}
