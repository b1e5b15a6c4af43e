import type { ResourceDraft, ResourceKey } from '@kuma-mesh/core-model/resources/resource.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change, Insight, ResourceStore } from './store.ts';

/** What every ResourceStore does. `open` gives an empty store. */
export function describeResourceStore(open: () => Promise<ResourceStore>): void {
  let store: ResourceStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  describe('a resource', () => {
    test('is read as it was written, with revision and times', async () => {
      const [created] = await store.write([{ op: 'create', draft: draft('web', { spec: { a: [1, { b: null }] } }) }]);
      expect(created).toEqual({
        ...draft('web', { spec: { a: [1, { b: null }] } }),
        revision: created!.revision,
        creationTime: created!.creationTime,
        modificationTime: created!.creationTime,
      });
      expect(new Date(created!.creationTime).toISOString()).toBe(created!.creationTime);
      expect(await store.get(key('web'))).toEqual(created);
    });

    test('keeps a status when it has one', async () => {
      await store.write([{ op: 'create', draft: { ...draft('web'), status: { ready: true } } }]);
      expect((await store.get(key('web')))!.status).toEqual({ ready: true });
      await store.write([{ op: 'create', draft: draft('other') }]);
      expect(Object.hasOwn((await store.get(key('other')))!, 'status')).toBe(false);
    });

    test('is frozen, and apart from the draft that it was made of', async () => {
      const spec = { list: [{ port: 1 }] };
      const [created] = await store.write([{ op: 'create', draft: draft('web', { spec }) }]);
      spec.list[0]!.port = 2;
      expect(created!.spec).toEqual({ list: [{ port: 1 }] });
      for (const value of [created, created!.labels, created!.spec, (created!.spec as typeof spec).list[0]]) {
        expect(Object.isFrozen(value)).toBe(true);
      }
    });

    test('drops fields that are undefined, as JSON does', async () => {
      await store.write([{ op: 'create', draft: draft('web', { spec: { a: undefined, b: 1 } }) }]);
      expect(Object.keys((await store.get(key('web')))!.spec as object)).toEqual(['b']);
    });

    test('keeps its creation time when it is updated, and grows in revision', async () => {
      const [created] = await store.write([{ op: 'create', draft: draft('web') }]);
      const [updated] = await store.write([
        { op: 'update', draft: draft('web', { spec: { v: 2 } }), expected: created!.revision },
      ]);
      expect(updated!.creationTime).toBe(created!.creationTime);
      expect(updated!.revision).toBeGreaterThan(created!.revision);
      expect(await store.get(key('web'))).toEqual(updated);
    });

    test('loses a status that an update leaves out', async () => {
      const [created] = await store.write([{ op: 'create', draft: { ...draft('web'), status: { ready: true } } }]);
      await store.write([{ op: 'update', draft: draft('web'), expected: created!.revision }]);
      expect((await store.get(key('web')))!.status).toBeUndefined();
    });

    test('is gone after a delete', async () => {
      await store.write([{ op: 'create', draft: draft('web') }]);
      expect(await store.write([{ op: 'delete', key: key('web') }])).toEqual([undefined]);
      expect(await store.get(key('web'))).toBeUndefined();
      expect(await store.list({ type: 'Dataplane' })).toEqual([]);
    });

    test('of the same name lives in two meshes and of two kinds apart', async () => {
      await store.write([
        { op: 'create', draft: draft('web', { mesh: 'a' }) },
        { op: 'create', draft: draft('web', { mesh: 'b' }) },
        { op: 'create', draft: draft('web', { mesh: 'a', type: 'Secret' }) },
        { op: 'create', draft: draft('web', { mesh: '', type: 'Mesh' }) },
      ]);
      await store.write([{ op: 'delete', key: key('web', { mesh: 'a' }) }]);
      expect(await store.get(key('web', { mesh: 'b' }))).toBeDefined();
      expect(await store.get(key('web', { mesh: 'a', type: 'Secret' }))).toBeDefined();
      expect(await store.get(key('web', { mesh: '', type: 'Mesh' }))).toBeDefined();
    });
  });

  describe('a list', () => {
    beforeEach(async () => {
      const places = [
        ['b', 'web'],
        ['a', 'web'],
        ['a', 'api'],
        ['a', 'web-10'],
        ['a', 'web-2'],
      ] as const;
      await store.write(places.map(([mesh, name]) => ({ op: 'create', draft: draft(name, { mesh }) })));
    });

    test('has all meshes, sorted by mesh and name', async () => {
      expect(names(await store.list({ type: 'Dataplane' }))).toEqual(['a/api', 'a/web', 'a/web-10', 'a/web-2', 'b/web']);
    });

    test('has one mesh when asked', async () => {
      expect(names(await store.list({ type: 'Dataplane', mesh: 'b' }))).toEqual(['b/web']);
      expect(await store.list({ type: 'Dataplane', mesh: 'c' })).toEqual([]);
      expect(await store.list({ type: 'Secret' })).toEqual([]);
    });

    test('does not change when the store does', async () => {
      const before = await store.list({ type: 'Dataplane', mesh: 'a' });
      const all = await store.list({ type: 'Dataplane' });
      await store.write([{ op: 'delete', key: key('api', { mesh: 'a' }) }]);
      expect(before).toHaveLength(4);
      expect(all).toHaveLength(5);
      expect(await store.list({ type: 'Dataplane', mesh: 'a' })).toHaveLength(3);
    });
  });

  describe('a write that cannot be done', () => {
    test('says that the resource exists', async () => {
      await store.write([{ op: 'create', draft: draft('web') }]);
      await expect(store.write([{ op: 'create', draft: draft('web') }])).rejects.toMatchObject({
        name: 'StoreError',
        code: 'exists',
        key: key('web'),
      });
    });

    test('says that there is no such resource', async () => {
      await expect(store.write([{ op: 'update', draft: draft('web'), expected: 1 }])).rejects.toMatchObject({
        code: 'not-found',
      });
      await expect(store.write([{ op: 'delete', key: key('web') }])).rejects.toMatchObject({
        code: 'not-found',
        key: key('web'),
      });
    });

    test('says that the resource was changed since it was read', async () => {
      const [created] = await store.write([{ op: 'create', draft: draft('web') }]);
      await store.write([{ op: 'update', draft: draft('web', { spec: { v: 2 } }), expected: created!.revision }]);
      await expect(
        store.write([{ op: 'update', draft: draft('web', { spec: { v: 3 } }), expected: created!.revision }]),
      ).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.write([{ op: 'delete', key: key('web'), expected: created!.revision }])).rejects.toMatchObject({
        code: 'conflict',
      });
      expect((await store.get(key('web')))!.spec).toEqual({ v: 2 });
    });

    test('leaves nothing of its other operations, neither stored nor told', async () => {
      const [created] = await store.write([{ op: 'create', draft: draft('web') }]);
      const told = listen(store);
      await expect(
        store.write([
          { op: 'create', draft: draft('new') },
          { op: 'delete', key: key('web') },
          { op: 'delete', key: key('absent') },
        ]),
      ).rejects.toMatchObject({ code: 'not-found', key: key('absent') });
      expect(await store.get(key('new'))).toBeUndefined();
      expect(await store.get(key('web'))).toEqual(created);
      expect((await store.snapshot()).revision).toBe(created!.revision);
      expect(told.changes).toEqual([]);
    });

    test('does not hold up writes beside it', async () => {
      await store.write([{ op: 'create', draft: draft('web') }]);
      const results = await Promise.allSettled([
        store.write([{ op: 'create', draft: draft('a') }]),
        store.write([{ op: 'create', draft: draft('web') }]),
        store.write([{ op: 'create', draft: draft('b') }]),
      ]);
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(names(await store.list({ type: 'Dataplane' }))).toEqual(['default/a', 'default/b', 'default/web']);
    });
  });

  describe('a condition', () => {
    const require = (name: string) => ({ op: 'require', key: key(name) }) as const;
    const empty = (mesh: string) => ({ op: 'require-empty', mesh }) as const;

    test('that holds takes no revision and has no place in the answer', async () => {
      await store.write([{ op: 'create', draft: draft('web') }]);
      const { revision } = await store.snapshot();
      const stored = await store.write([require('web'), { op: 'create', draft: draft('api') }, empty('other')]);
      expect(names(stored as readonly ResourceKey[])).toEqual(['default/api']);
      expect((await store.snapshot()).revision).toBe(revision + 1);
    });

    test('that does not hold refuses the whole write', async () => {
      await expect(store.write([{ op: 'create', draft: draft('api') }, require('web')])).rejects.toMatchObject({
        code: 'not-found',
        key: key('web'),
      });
      await store.write([{ op: 'create', draft: draft('web') }]);
      await expect(store.write([{ op: 'create', draft: draft('api') }, empty('default')])).rejects.toMatchObject({
        code: 'not-empty',
        key: key('web'),
      });
      expect(await store.get(key('api'))).toBeUndefined();
    });

    test('sees the operations before it', async () => {
      await store.write([{ op: 'create', draft: draft('web') }, require('web')]);
      await store.write([{ op: 'delete', key: key('web') }, empty('default')]);
      await expect(store.write([{ op: 'delete', key: key('web') }, require('web')])).rejects.toMatchObject({ code: 'not-found' });
    });

    test('decides between who fills a mesh and who takes it away', async () => {
      const mesh = draft('m', { mesh: '', type: 'Mesh' });
      await store.write([{ op: 'create', draft: mesh }]);
      const fill = [
        { op: 'require', key: mesh },
        { op: 'create', draft: draft('web', { mesh: 'm' }) },
      ] as const;
      const outcomes = await Promise.allSettled([
        store.write(fill),
        store.write([empty('m'), { op: 'delete', key: mesh }]),
        store.write(fill),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(names(await store.list({ type: 'Dataplane' }))).toEqual(['m/web']);
    });
  });

  describe('revisions', () => {
    test('grow with every operation, whatever it touches, and are never given twice', async () => {
      const told = listen(store);
      await store.write([
        { op: 'create', draft: draft('a') },
        { op: 'create', draft: draft('b', { type: 'Secret' }) },
      ]);
      await store.write([{ op: 'delete', key: key('a') }]);
      await store.write([{ op: 'create', draft: draft('a') }]);
      const revisions = told.changes.map((change) => change.revision);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
      expect(revisions).toHaveLength(4);
      expect((await store.snapshot()).revision).toBe(revisions.at(-1));
    });

    test('decide between writers that read the same state: one of them wins', async () => {
      const [created] = await store.write([{ op: 'create', draft: draft('counter', { spec: { writer: -1 } }) }]);
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, writer) =>
          store.write([{ op: 'update', draft: draft('counter', { spec: { writer } }), expected: created!.revision }]),
        ),
      );
      const won = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
      expect(won).toHaveLength(1);
      expect(await store.get(key('counter'))).toEqual(won[0]);
    });
  });

  test('operations of one write see the ones before them', async () => {
    const told = listen(store);
    const [, second] = await store.write([
      { op: 'create', draft: draft('web', { spec: { v: 1 } }) },
      { op: 'delete', key: key('web') },
      { op: 'create', draft: draft('web', { spec: { v: 2 } }) },
    ]);
    expect(second).toBeUndefined();
    expect((await store.get(key('web')))!.spec).toEqual({ v: 2 });
    expect(told.changes.map((change) => [change.before !== undefined, change.after !== undefined])).toEqual([
      [false, true],
      [true, false],
      [false, true],
    ]);
  });

  test('a write of nothing is answered and told to nobody', async () => {
    const told = listen(store);
    expect(await store.write([])).toEqual([]);
    expect(told.changes).toEqual([]);
  });

  describe('the feed', () => {
    test('tells each change once, before the write is answered, with what was and what is', async () => {
      const told = listen(store);
      const [created] = await store.write([{ op: 'create', draft: draft('web') }]);
      expect(told.changes).toEqual([{ revision: created!.revision, key: key('web'), after: created }]);
      const [updated] = await store.write([{ op: 'update', draft: draft('web'), expected: created!.revision }]);
      await store.write([{ op: 'delete', key: key('web') }]);
      expect(told.changes.slice(1)).toEqual([
        { revision: updated!.revision, key: key('web'), before: created, after: updated },
        { revision: updated!.revision + 1, key: key('web'), before: updated },
      ]);
    });

    test('is in order of revision when many write at once', async () => {
      const told = listen(store);
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.write([{ op: 'create', draft: draft(`dp-${i}`) }])));
      const revisions = told.changes.map((change) => change.revision);
      expect(revisions).toHaveLength(50);
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    });

    test('shows a listener the store as it is after the change', async () => {
      const seen: unknown[] = [];
      const reads: Promise<void>[] = [];
      store.subscribe((changes) => {
        reads.push(store.get(changes[0]!.key).then((resource) => void seen.push(resource)));
      });
      const [created] = await store.write([{ op: 'create', draft: draft('web') }]);
      await Promise.all(reads);
      expect(seen).toEqual([created]);
    });

    test('ends for the one who ends it and goes on for others', async () => {
      const first = listen(store);
      const second = listen(store);
      first.end();
      await store.write([{ op: 'create', draft: draft('web') }]);
      expect(first.changes).toEqual([]);
      expect(second.changes).toHaveLength(1);
    });

    test('begins where a snapshot ends', async () => {
      await store.write([{ op: 'create', draft: draft('a') }]);
      const told = listen(store);
      const { revision, resources } = await store.snapshot();
      await store.write([{ op: 'create', draft: draft('b', { type: 'Secret' }) }]);
      expect(names(resources)).toEqual(['default/a']);
      expect(told.changes.filter((change) => change.revision > revision).map((change) => change.key.name)).toEqual(['b']);
    });
  });

  describe('insights', () => {
    test('are kept apart: last write wins, no revision, no feed, no place in the snapshot', async () => {
      const told = listen(store);
      const before = (await store.snapshot()).revision;
      await store.insights.putMany([insight('web', { n: 1 }), insight('api', { n: 1 }), insight('web', { n: 1 }, 'other')]);
      await store.insights.putMany([insight('web', { n: 2 })]);
      expect(await store.insights.get({ type: 'DataplaneInsight', mesh: 'default', name: 'web' })).toEqual(
        insight('web', { n: 2 }),
      );
      expect(names(await store.insights.list({ type: 'DataplaneInsight' }))).toEqual(['default/api', 'default/web', 'other/web']);
      expect(names(await store.insights.list({ type: 'DataplaneInsight', mesh: 'other' }))).toEqual(['other/web']);
      const snapshot = await store.snapshot();
      expect(snapshot).toEqual({ revision: before, resources: [] });
      expect(told.changes).toEqual([]);
    });

    test('can be deleted, also when they are not there', async () => {
      await store.insights.putMany([insight('web', {})]);
      await store.insights.deleteMany([insight('web', {}), insight('absent', {})]);
      expect(await store.insights.list({ type: 'DataplaneInsight' })).toEqual([]);
    });
  });

  test('a closed store refuses writes and may be closed again', async () => {
    await store.close();
    await expect(store.write([{ op: 'create', draft: draft('web') }])).rejects.toMatchObject({ code: 'unavailable' });
    await store.close();
  });

  test('closing answers the writes that were under way', async () => {
    const write = store.write([{ op: 'create', draft: draft('web') }]);
    await store.close();
    expect(await write).toHaveLength(1);
  });
}

export function key(name: string, more: Partial<ResourceKey> = {}): ResourceKey {
  return { type: more.type ?? 'Dataplane', mesh: more.mesh ?? 'default', name };
}

export function draft(name: string, more: Partial<ResourceDraft> = {}): ResourceDraft {
  return { ...key(name, more), labels: more.labels ?? { 'kuma.io/mesh': 'default' }, spec: more.spec ?? {} };
}

function insight(name: string, spec: unknown, mesh = 'default'): Insight {
  const time = '2030-01-02T03:04:05.000Z';
  return { type: 'DataplaneInsight', mesh, name, creationTime: time, modificationTime: time, spec };
}

function names(resources: readonly ResourceKey[]): readonly string[] {
  return resources.map((resource) => `${resource.mesh}/${resource.name}`);
}

function listen(store: ResourceStore): { readonly changes: Change[]; readonly end: () => void } {
  const changes: Change[] = [];
  const end = store.subscribe((more) => changes.push(...more));
  return { changes, end };
}
