import type { Settings } from '../settings/table/index.ts';
import { workDirOf } from '../work-dir.ts';
import { migrateEmbeddedStore, openEmbeddedStore } from './embedded/embedded-store.ts';
import { createMemoryStore } from './memory-store.ts';
import type { ResourceStore } from './store.ts';

/** The store that the settings name, ready. @throws StoreError */
export function openStore(settings: Settings): Promise<ResourceStore> {
  switch (settings['store.type']) {
    case 'memory':
      return Promise.resolve(createMemoryStore());
    case 'embedded':
      return openEmbeddedStore({ dir: embeddedDir(settings) });
  }
}

/** Brings the schema up to this version's. @returns names of the migrations that were applied @throws StoreError */
export function migrateStore(settings: Settings): Promise<readonly string[]> {
  switch (settings['store.type']) {
    case 'memory':
      return Promise.resolve([]);
    case 'embedded':
      return migrateEmbeddedStore({ dir: embeddedDir(settings) });
  }
}

function embeddedDir(settings: Settings): string {
  return settings['store.embedded.dir'] || workDirOf(settings);
}
