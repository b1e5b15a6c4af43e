import type { BackendResourceRef } from '../generated/types/kuma/target_ref.ts';
import type { Memo } from '../memo/memo.ts';
import { directTarget, forwardedTarget, heeds, type OtelCollector, otelCollector } from '../policies/otel-collector.ts';
import type { ProxyView } from '../policies/policy.ts';
import { deepFreeze } from '../resources/freeze.ts';
import type { MeshSnapshot } from '../snapshot/mesh-snapshot.ts';
import { referredBackend } from '../snapshot/otel-backends.ts';
import type { ProxyInput } from './proxy-input.ts';

const forwardingFeature = 'feature-otel-via-kuma-dp';

/** How one proxy reaches the collectors of its mesh. */
export function otelSending(
  { otelBackends }: MeshSnapshot,
  { features, workDir = '', otelEnvironment }: ProxyInput,
  memo: Memo,
): ProxyView['otelTarget'] {
  const environment = features.has(forwardingFeature) && workDir !== '' ? otelEnvironment : undefined;
  const collectorOf = (ref: BackendResourceRef): OtelCollector | undefined => {
    const backend = referredBackend(otelBackends, ref);
    return backend && otelCollector(backend);
  };
  return (ref, signal, all) => {
    const collector = collectorOf(ref);
    if (collector === undefined) return undefined;
    // Variables are of the whole process: they cannot be meant for two collectors, and secrets in them for one must not go
    // to another.
    const heeding = new Set(all.map(collectorOf).filter((each) => each && heeds(each, signal, environment)));
    if (heeds(collector, signal, environment) && heeding.size === 1) {
      return memo.once('forwarded', [collector, signal, workDir], () => deepFreeze(forwardedTarget(collector, workDir)));
    }
    if (collector.env.mode === 'Required') return undefined;
    return memo.once('direct', [collector, signal], () => deepFreeze(directTarget(collector, signal)));
  };
}
