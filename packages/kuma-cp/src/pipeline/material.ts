import type { SecretIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { ProxyKey } from './proxy-key.ts';

/** Key material of one secret. Never logged, never in an error. The same object for as long as it is the same material. */
export type SecretMaterial = IdentityMaterial | CaMaterial;

export interface IdentityMaterial {
  readonly kind: 'identity';
  /** PEM, leaf first. */
  readonly certificateChain: string;
  /** PEM, PKCS#8. */
  readonly privateKey: string;
  readonly issued: Date;
  readonly notAfter: Date;
  /** Name of the mesh's mtls backend that signed. */
  readonly backend: string;
}

export interface CaMaterial {
  readonly kind: 'ca';
  /** PEM, one or more roots. */
  readonly roots: string;
}

/** Who has keys: `identity/`. The pipeline asks for what the IR of a proxy names. */
export interface SecretSource {
  /**
   * Material for a proxy's secret; an identity is kept per proxy and renewed at four fifths of its life. Signs off the main thread.
   * @throws IdentityError when there is no authority to sign, in words for the log
   */
  material(proxy: ProxyKey, secret: SecretIr): Promise<SecretMaterial>;
  /** Calls back when a proxy's material was replaced (renewal, CA rotation); the next `material` gives the new one. */
  onReplaced(listener: (proxy: ProxyKey) => void): void;
  /** The proxy runs with this material now. A CA is replaced in steps, each of which waits for the proxies to have taken the last. */
  acknowledged(proxy: ProxyKey, material: SecretMaterial): void;
  /** The proxy's stream has ended; it may come back. */
  away(proxy: ProxyKey): void;
  /** The proxy is gone for good. */
  forget(proxy: ProxyKey): void;
}
