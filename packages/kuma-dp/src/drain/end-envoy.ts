import { setTimeout as pause } from 'node:timers/promises';
import type { AdminClient } from '../envoy/admin-client.ts';
import type { EnvoyProcess } from '../envoy/envoy-process.ts';

const patience = 2_000;

/** Asks Envoy to end, then insists. Resolves when it is gone. */
export async function endEnvoy(envoy: EnvoyProcess, admin: AdminClient): Promise<void> {
  const gone = envoy.exited.then(() => true);
  const within = (time: number): Promise<boolean> => {
    const abort = new AbortController();
    const late = pause(time, false, { signal: abort.signal }).catch(() => false);
    return Promise.race([gone, late]).finally(() => abort.abort());
  };
  await admin.post('/quitquitquit').catch(() => undefined);
  if (await within(patience)) return;
  envoy.kill('SIGTERM');
  if (await within(patience)) return;
  envoy.kill('SIGKILL');
  await gone;
}
