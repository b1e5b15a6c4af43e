import { workloadKri } from '../dataplane/identity.ts';
import { tagSetsOf } from '../dataplane/parts.ts';
import { accessLogSocket } from '../dataplane/sidecar-sockets.ts';
import { wellKnown } from '../dataplane/tags.ts';
import type { BackendResourceRef } from '../generated/types/kuma/target_ref.ts';
import type { ProxyFact } from '../ir/index.ts';
import type { OtelTarget } from '../policies/otel-collector.ts';
import type { ProxyInput } from './proxy-input.ts';

/** What of one proxy its logs and traces may tell; each is computed only where it is asked for. */
export interface OwnFacts {
  readonly say: (fact: ProxyFact) => string;
  /** Where the sidecar takes lines for TCP servers; undefined for one that cannot. */
  readonly logPipe: string | undefined;
  readonly logTarget: (ref: BackendResourceRef) => OtelTarget | undefined;
}

const pipeFeature = 'feature-tcp-accesslog-via-named-pipe';

export function ownFacts({ dataplane, zone, features, workDir }: ProxyInput, logTarget: OwnFacts['logTarget']): OwnFacts {
  const { mesh, name } = dataplane;
  const address = dataplane.spec.networking?.address ?? '';
  const sayings: Record<ProxyFact, () => string> = {
    service: () => tagSetsOf(dataplane)[0]?.[wellKnown.service] ?? 'unknown',
    address: () => address,
    'address-with-port': () => (address.includes(':') ? `[${address}]:0` : `${address}:0`),
    zone: () => zone,
    workload: () => workloadKri(dataplane, zone),
  };
  return {
    say: (fact) => sayings[fact](),
    logPipe: features.has(pipeFeature) && workDir ? accessLogSocket({ workDir, mesh, name }) : undefined,
    logTarget,
  };
}
