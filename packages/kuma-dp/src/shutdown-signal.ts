/** The first signal asks for a drain, the second for an end at once. */
export interface ShutdownSignals {
  /** Fires at the first, with its name as reason. */
  readonly first: AbortSignal;
  /** Settles when {@link first} fires. */
  readonly asked: Promise<void>;
  dispose(): void;
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** @param endNow called at the second signal */
export function listenForShutdown(endNow: (signal: NodeJS.Signals) => void): ShutdownSignals {
  const first = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first.signal.aborted) endNow(signal);
    else first.abort(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    first: first.signal,
    asked: new Promise((resolve) => first.signal.addEventListener('abort', () => resolve(), { once: true })),
    dispose() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
