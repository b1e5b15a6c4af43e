import type { AccessLogIr, ListenerIr } from '../ir/index.ts';

/** All logs of a listener, without those that single routes have in their place. */
export function logsOfListener(listener: ListenerIr): readonly AccessLogIr[] {
  switch (listener.kind) {
    case 'inbound':
    case 'outbound':
      return listener.handler.accessLogs ?? [];
    case 'passthrough':
      return Object.values(listener.accessLogs ?? {}).flat();
    default:
      return [];
  }
}
