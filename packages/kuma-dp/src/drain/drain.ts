/**
 * A shutdown that no caller notices:
 *
 *   readiness says no ─► control plane takes the endpoints from the other proxies ─► Envoy asks its clients to leave with
 *   their next answer, while it still takes those who have not heard ─► once nobody is left for a while, or time is up,
 *   the listeners close ─► Envoy ends
 *
 * The listeners stay open in between, since a connection that is refused is a failed request.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { AdminClient } from '../envoy/admin-client.ts';
import { type Traffic, trafficReader } from '../envoy/inbound-traffic.ts';
import type { Logger } from '../log/logger.ts';

export interface DrainInputs {
  readonly admin: AdminClient;
  /** Tells the control plane; resolves to whether it took the endpoints out. */
  readonly announce: () => Promise<boolean>;
  /** Milliseconds for all of it. */
  readonly drainTime: number;
  /** Fires when Envoy is gone, so that there is nothing left to wait for. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * How long nobody may have been connected before the last one counts as gone: what it takes the other proxies to hear, and
 * more where nobody tells them and they learn it from their own clients' answers.
 */
const quietTime = { announced: 1_000, unannounced: 5_000 } as const;
const pollEvery = 100;

export async function drain({ admin, announce, drainTime, signal, logger }: DrainInputs): Promise<void> {
  const deadline = performance.now() + drainTime;
  const announced = await announce();
  try {
    const read = await trafficReader(admin);
    await admin.post('/healthcheck/fail');
    await admin.post('/drain_listeners?graceful&inboundonly&skip_exit');
    logger.info('Clients are asked to leave with their next answer');
    const quiet = announced ? quietTime.announced : quietTime.unannounced;
    const left = await untilQuiet(read, { quiet: Math.min(quiet, drainTime), deadline, signal });
    await admin.post('/drain_listeners?inboundonly');
    const last = left ?? (await untilQuiet(read, { quiet: 0, deadline, signal }));
    if (last) logger.warn(last, 'The drain time is over; what is still open ends now');
    else logger.info('All connections have ended');
  } catch (error) {
    // An Envoy that ends shuts its admin interface first, and is seen to be gone a moment later.
    await pause(1_000, undefined, { signal }).catch(() => {});
    if (!signal.aborted) logger.warn({ err: error }, 'Envoy could not be drained');
  }
}

/** @returns what is still going on at the deadline; undefined when it became quiet before */
async function untilQuiet(
  read: () => Promise<Traffic>,
  { quiet, deadline, signal }: { readonly quiet: number; readonly deadline: number; readonly signal: AbortSignal },
): Promise<Traffic | undefined> {
  let quietSince: number | undefined;
  for (;;) {
    const traffic = await read();
    const now = performance.now();
    const busy = traffic.connections > 0 || traffic.requests > 0;
    quietSince = busy ? undefined : (quietSince ?? now);
    if (quietSince !== undefined && now - quietSince >= quiet) return undefined;
    if (now >= deadline) return busy ? traffic : undefined;
    await pause(pollEvery, undefined, { signal });
  }
}
