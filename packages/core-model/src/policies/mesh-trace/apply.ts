import { workloadKri } from '../../dataplane/identity.ts';
import { tagSetsOf } from '../../dataplane/parts.ts';
import { wellKnown } from '../../dataplane/tags.ts';
import type { MeshTrace_Conf } from '../../generated/types/kuma/mesh_trace.ts';
import type { InboundListenerIr, ListenerIr, OutboundListenerIr, SpanTagIr } from '../../ir/index.ts';
import { deepFreeze } from '../../resources/freeze.ts';
import type { Policy } from '../policy.ts';
import { shapedBy } from '../shaped-by.ts';
import { type TracedSide, tracing } from './tracing.ts';
import { useless } from './useless.ts';

/** Spans of requests, on both sides of them. */
export const meshTrace: Policy<MeshTrace_Conf> = {
  kind: 'MeshTrace',
  proxy: (proxy, rule, { mesh, zone, dataplane, memo, otelTarget }) => {
    const [backend] = rule.conf.backends ?? [];
    if (backend === undefined) return proxy;
    const ref = backend.openTelemetry?.backendRef;
    const target = ref && otelTarget(ref, 'traces', [ref]);
    const service = tagSetsOf(dataplane)[0]?.[wellKnown.service] ?? 'unknown';
    const { conf } = rule;
    const workload = workloadKri(dataplane, zone);
    const listeners = proxy.listeners.map((listener) =>
      isTraced(listener)
        ? memo.once('traced', [listener, conf, service, zone, workload, target], () =>
            traced(listener, conf, { service, target, tags: whose({ mesh, zone, workload }) }),
          )
        : listener,
    );
    const changed = listeners.filter((listener, i) => listener !== proxy.listeners[i]);
    return { ...proxy, listeners: memo.intern(listeners), ...shapedBy(rule, proxy, { listeners: changed }) };
  },
  useless,
};

/** What all spans of a proxy say. */
function whose({ mesh, zone, workload }: Readonly<Record<'mesh' | 'zone' | 'workload', string>>): SpanTagIr[] {
  const tags = { 'kuma.mesh': mesh, 'kuma.zone': zone, 'kuma.workload': workload };
  return Object.entries(tags).flatMap(([name, value]) => (value === '' ? [] : { kind: 'literal', name, value }));
}

type TracedListener = InboundListenerIr | OutboundListenerIr;

function isTraced(listener: ListenerIr): listener is TracedListener {
  return (listener.kind === 'inbound' || listener.kind === 'outbound') && listener.handler.kind === 'http';
}

function traced<Listener extends TracedListener>(
  listener: Listener,
  conf: MeshTrace_Conf,
  proxy: Omit<TracedSide, 'destination'>,
): Listener {
  const { handler } = listener;
  // The statistics of an outbound are named by the service that it leads to.
  const destination = listener.kind === 'outbound' ? handler.statPrefix : undefined;
  const made = tracing(conf, { ...proxy, destination });
  if (made === undefined || handler.kind !== 'http') return listener;
  return deepFreeze({ ...listener, handler: { ...handler, tracing: made } });
}
