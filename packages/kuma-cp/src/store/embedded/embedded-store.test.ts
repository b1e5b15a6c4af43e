import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeResourceStore, draft, key } from '../conformance.ts';
import { migrateEmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kuma-store-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('embedded store', () => {
  describe('as any store', () => {
    describeResourceStore(() => openEmbeddedStore({ dir }));
  });

  test('shows after a restart what it showed before, and goes on with the next revision', async () => {
    const first = await openEmbeddedStore({ dir });
    await first.write([{ op: 'create', draft: draft('web', { spec: { port: 1 } }) }]);
    await first.write([{ op: 'create', draft: draft('gone') }]);
    await first.write([{ op: 'delete', key: key('gone') }]);
    const before = await first.snapshot();
    await first.close();

    const second = await openEmbeddedStore({ dir });
    expect(await second.snapshot()).toEqual(before);
    expect(Object.isFrozen((await second.get(key('web')))!.spec)).toBe(true);
    const [next] = await second.write([{ op: 'create', draft: draft('next') }]);
    expect(next!.revision).toBe(before.revision + 1);
    await second.close();
  });

  test('keeps everything that it answered when its process is killed, and no half of a write', async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('testing/write-until-killed.ts', import.meta.url)), dir]);
    const exited = once(child, 'exit');
    const answered: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      if (line !== 'open') answered.push(line);
      if (answered.length === 40) child.kill('SIGKILL');
    }
    await exited;

    const store = await openEmbeddedStore({ dir });
    const stored = (await store.list({ type: 'Dataplane' })).map((resource) => resource.name);
    const partners = (await store.list({ type: 'Secret' })).map((resource) => resource.name);
    await store.close();
    expect(answered.length).toBeGreaterThanOrEqual(40);
    expect(stored).toEqual(expect.arrayContaining(answered));
    expect(partners).toEqual(stored);
  });

  test('belongs to one process: a second one is refused in words until the first has ended', async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('testing/write-until-killed.ts', import.meta.url)), dir]);
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    await expect(openEmbeddedStore({ dir })).rejects.toMatchObject({
      name: 'StoreError',
      code: 'locked',
      message: `another kuma-cp is running on ${join(dir, 'kuma.db')}`,
      hint: expect.stringContaining('store.embedded.dir'),
    });
    child.kill('SIGKILL');
    await exited;
    await (await openEmbeddedStore({ dir })).close();
  });

  test('refuses a second opener in the same process too', async () => {
    const first = await openEmbeddedStore({ dir });
    await expect(openEmbeddedStore({ dir })).rejects.toMatchObject({ code: 'locked' });
    await first.close();
    await (await openEmbeddedStore({ dir })).close();
  });

  test('refuses a file that a newer version has migrated, and leaves it alone', async () => {
    await migrateEmbeddedStore({ dir });
    const file = new DatabaseSync(join(dir, 'kuma.db'));
    file.exec(`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01T00:00:00Z')`);
    file.close();
    await expect(openEmbeddedStore({ dir })).rejects.toMatchObject({
      code: 'newer-schema',
      message: expect.stringContaining('9999-from-the-future'),
    });
  });

  test('migrates once', async () => {
    expect(await migrateEmbeddedStore({ dir })).toEqual(['0001-initial']);
    expect(await migrateEmbeddedStore({ dir })).toEqual([]);
  });

  test('says that there is no room, writes nothing of it, and goes on when there is room again', async () => {
    const store = await openEmbeddedStore({ dir, maxPages: 40 });
    await store.write([{ op: 'create', draft: draft('before') }]);
    const before = await store.snapshot();
    const tooMuch = [
      { op: 'create', draft: draft('small') },
      { op: 'create', draft: draft('large', { spec: { padding: 'x'.repeat(500_000) } }) },
    ] as const;
    await expect(store.write(tooMuch)).rejects.toMatchObject({ code: 'full', hint: expect.stringContaining('free some space') });
    expect(await store.snapshot()).toEqual(before);
    await store.write([{ op: 'create', draft: draft('after') }]);
    await store.close();

    const reopened = await openEmbeddedStore({ dir });
    expect((await reopened.list({ type: 'Dataplane' })).map((resource) => resource.name)).toEqual(['after', 'before']);
    await reopened.write(tooMuch);
    await reopened.close();
  });

  test('stores the writes that fit when one beside them does not', async () => {
    const store = await openEmbeddedStore({ dir, maxPages: 40 });
    const results = await Promise.allSettled([
      store.write([{ op: 'create', draft: draft('a') }]),
      store.write([{ op: 'create', draft: draft('large', { spec: { padding: 'x'.repeat(500_000) } }) }]),
      store.write([{ op: 'create', draft: draft('b') }]),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.list({ type: 'Dataplane' })).map((resource) => resource.name)).toEqual(['a', 'b']);
    await store.close();
  });

  test('says that insights found no room', async () => {
    const store = await openEmbeddedStore({ dir, maxPages: 40 });
    const time = '2030-01-02T03:04:05.000Z';
    const large = { ...key('web', { type: 'DataplaneInsight' }), creationTime: time, modificationTime: time };
    await expect(store.insights.putMany([{ ...large, spec: 'x'.repeat(500_000) }])).rejects.toMatchObject({ code: 'full' });
    await store.insights.putMany([{ ...large, spec: 'x' }]);
    await store.close();
  });

  test('keeps its files for their owner', async () => {
    const store = await openEmbeddedStore({ dir: join(dir, 'made') });
    await store.write([{ op: 'create', draft: draft('web') }]);
    expect(statSync(join(dir, 'made')).mode & 0o777).toBe(0o700);
    for (const file of ['kuma.db', 'kuma.db-wal']) expect(statSync(join(dir, 'made', file)).mode & 0o077).toBe(0);
    await store.close();
  });

  test('says so when its directory cannot be used', async () => {
    writeFileSync(join(dir, 'file'), '');
    await expect(openEmbeddedStore({ dir: join(dir, 'file', 'below') })).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('general.workDir'),
    });
  });

  test('says so when the file is something else, and lets go of it', async () => {
    writeFileSync(join(dir, 'kuma.db'), 'not a database, but long enough to be looked at as one'.repeat(100));
    await expect(openEmbeddedStore({ dir })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('damaged'),
    });
    rmSync(join(dir, 'kuma.db'));
    await (await openEmbeddedStore({ dir })).close();
  });
});
