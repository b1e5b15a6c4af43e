import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { type DiagnosticsServer, startDiagnostics } from './diagnostics-server.ts';

let server: DiagnosticsServer;
afterEach(() => server.close());

async function start(
  ready: () => boolean,
  registry = new Registry(),
): Promise<(path: string, method?: string) => Promise<Response>> {
  server = await startDiagnostics({ port: 0, registry, ready });
  return (path, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
}

test('/ready follows the parts, /healthy does not', async () => {
  let ready = false;
  const ask = await start(() => ready);
  expect((await ask('/ready')).status).toBe(503);
  expect((await ask('/healthy')).status).toBe(200);
  ready = true;
  expect((await ask('/ready')).status).toBe(200);
});

test('/metrics has those of the process and of the parts', async () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Counter({ name: 'things_total', help: 'Things', registers: [registry] }).inc(3);
  const answer = await (await start(() => true, registry))('/metrics');
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(await answer.text()).toMatch(/process_resident_memory_bytes \d+[\s\S]*things_total 3/);
});

test('nothing else is served: no profiles, no writes', async () => {
  const ask = await start(() => true);
  expect((await ask('/debug/pprof/')).status).toBe(404);
  expect((await ask('/healthy', 'POST')).status).toBe(405);
});
