import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { PostgresServer } from '../../../../tools/fixtures/postgres.ts';
import { draft, key } from '../store/conformance.ts';
import { openPostgresStore } from '../store/postgres/index.ts';
import { testOptions } from '../store/postgres/testing/options.ts';
import { keepFresh, staleHeader } from './freshness.ts';

test('what was read while the database was away is called old, also when the database is back before it is sent', async () => {
  const postgres = await PostgresServer.start();
  try {
    const options = testOptions(postgres, await postgres.createDatabase());
    const store = await openPostgresStore({ postgres: options, instanceId: 'test', log: pino({ level: 'silent' }) });
    await store.write([{ op: 'create', draft: draft('web') }]);
    const read = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    const app = Fastify() as FastifyInstance;
    keepFresh(app, store);
    app.get('/web', async () => {
      const resource = await store.get(key('web'));
      read.resolve();
      await sent.promise;
      return resource;
    });

    await postgres.stop();
    await vi.waitFor(() => expect(store.staleness!()).toBeGreaterThan(0), 10_000);
    const answer = app.inject('/web');
    await read.promise;
    await postgres.startAgain();
    await vi.waitFor(() => expect(store.staleness!()).toBeUndefined(), 10_000);
    sent.resolve();

    expect((await answer).headers[staleHeader]).toMatch(/^\d+$/);
    expect((await app.inject('/web')).headers).not.toHaveProperty(staleHeader);
    await store.close();
  } finally {
    await postgres.dispose();
  }
}, 60_000);
