import { otelConfigPath, sidecarConfigSocket } from '../dataplane/sidecar-sockets.ts';
import type { CollectorIr, ListenerIr, OtelForwardIr, SidecarConfigListenerIr } from '../ir/index.ts';
import type { Memo } from '../memo/memo.ts';
import { otelConfig } from '../policies/otel-config.ts';
import { deepFreeze } from '../resources/freeze.ts';
import { collectorsOf } from './collectors.ts';

/** Tells the sidecar of the collectors that it sends to in place of the proxy, beside what it is told already. */
export function withForwards(
  listeners: readonly ListenerIr[],
  { name, workDir }: { readonly name: string; readonly workDir: string },
  memo: Memo,
): readonly ListenerIr[] {
  const forwards = new Map(listeners.flatMap(forwardsOf).map((forward) => [forward.socket, forward]));
  if (forwards.size === 0) return listeners;
  const known = listeners.find((listener): listener is SidecarConfigListenerIr => listener.kind === 'sidecar-config');
  const told = memo.once('told of forwards', [name, workDir, known, memo.intern([...forwards.values()])], () =>
    deepFreeze<SidecarConfigListenerIr>({
      ...(known ?? { kind: 'sidecar-config', name, socket: sidecarConfigSocket(workDir) }),
      documents: [
        ...(known?.documents ?? []),
        { path: otelConfigPath, body: JSON.stringify(otelConfig([...forwards.values()])) },
      ],
    }),
  );
  return memo.intern([...listeners.filter((listener) => listener !== known), told]);
}

function forwardsOf(listener: ListenerIr): readonly OtelForwardIr[] {
  if (listener.kind === 'sidecar-config') return listener.forwards ?? [];
  return collectorsOf(listener).flatMap(({ forward }: CollectorIr) => forward ?? []);
}
