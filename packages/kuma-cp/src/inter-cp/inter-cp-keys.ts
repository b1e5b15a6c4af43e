import { ensureControlPlaneCa } from '../defaults/control-plane-secrets.ts';
import type { SigningPool } from '../identity/signing-pool.ts';
import type { ResourceStore } from '../store/store.ts';

/** What a control plane shows to the others, and knows them by; PEM. */
export interface InterCpKeys {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const tenYears = 10 * 365 * 24 * 3600_000;

/** A certificate of this run's own, by the authority that all control planes of the store share. */
export async function createInterCpKeys(
  store: ResourceStore,
  signing: Pick<SigningPool, 'sign'>,
  instanceId: string,
): Promise<InterCpKeys> {
  const authority = await ensureControlPlaneCa(store, 'inter-cp-ca', signing);
  const { certificate, key } = await signing.sign({
    kind: 'leaf',
    authority: { id: authority.certificate, ...authority },
    uris: [`spiffe://mesh-system/inter-cp/${instanceId}`],
    notBefore: Date.now() - 10 * 60_000,
    notAfter: Date.now() + tenYears,
  });
  return { ca: authority.certificate, certificate, key };
}
