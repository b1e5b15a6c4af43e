import { setTimeout as pause } from 'node:timers/promises';
import type { Document } from './document.ts';

/** Milliseconds; an interval of 0 must not keep a processor busy. */
const shortest = 100;

/**
 * Looks again and again what the control plane wants, since Envoy cannot tell of a change.
 * @param changed called with what is new, and with undefined when nothing is wanted any more
 * @returns what ends it
 */
export function watchConfig<Config>(
  source: Document<Config>,
  interval: number,
  changed: (config: Config | undefined) => void,
): { close(): void } {
  const ended = new AbortController();
  const look = async () => {
    let known: Config | undefined;
    while (!ended.signal.aborted) {
      // An Envoy that is too busy to answer has not changed its mind.
      const current = await source.current().catch(() => known);
      if (current !== known && !ended.signal.aborted) {
        known = current;
        changed(current);
      }
      await pause(Math.max(interval, shortest), undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
    }
  };
  void look();
  return { close: () => ended.abort() };
}
