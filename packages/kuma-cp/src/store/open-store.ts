import type { Logger } from 'pino';
import type { Settings } from '../settings/table/index.ts';
import { workDirOf } from '../work-dir.ts';
import { migrateEmbeddedStore, openEmbeddedStore } from './embedded/embedded-store.ts';
import { createMemoryStore } from './memory-store.ts';
import type { ResourceStore } from './store.ts';

export interface OpenStoreOptions {
  /** Names this process among those of the store. */
  readonly instanceId: string;
  readonly log: Logger;
}

/** The store that the settings name, ready. @throws StoreError */
export async function openStore(settings: Settings, options: OpenStoreOptions): Promise<ResourceStore> {
  switch (settings['store.type']) {
    case 'memory':
      return createMemoryStore();
    case 'embedded':
      return openEmbeddedStore({ dir: embeddedDir(settings) });
    case 'postgres': {
      const { openPostgresStore, postgresOptions } = await loadPostgres();
      return openPostgresStore({ ...options, postgres: postgresOptions(settings) });
    }
  }
}

/** Brings the schema up to this version's. @returns names of the migrations that were applied @throws StoreError */
export async function migrateStore(settings: Settings): Promise<readonly string[]> {
  switch (settings['store.type']) {
    case 'memory':
      return [];
    case 'embedded':
      return migrateEmbeddedStore({ dir: embeddedDir(settings) });
    case 'postgres': {
      const { migratePostgresStore, postgresOptions } = await loadPostgres();
      return migratePostgresStore({ instanceId: 'migrate', postgres: postgresOptions(settings), patient: true });
    }
  }
}

/** Only who uses it pays for the driver. */
function loadPostgres() {
  return import('./postgres/index.ts');
}

function embeddedDir(settings: Settings): string {
  return settings['store.embedded.dir'] || workDirOf(settings);
}
