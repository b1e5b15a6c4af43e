import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store-error.ts';
import { lockFile } from './file-lock.ts';

export interface OpenDatabase {
  readonly file: string;
  readonly database: DatabaseSync;
  readonly unlock: () => void;
}

/**
 * Opens `kuma.db` in `dir` for this process alone; makes both when they are not there.
 * @throws StoreError `locked`, `unavailable`, or an error of SQLite
 */
export function openDatabase({ dir, maxPages }: { readonly dir: string; readonly maxPages?: number }): OpenDatabase {
  const file = join(dir, 'kuma.db');
  makeOwnerOnly(dir, file);
  const unlock = lockFile(file);
  try {
    const database = new DatabaseSync(file, { timeout: 5000 });
    // WAL: readers (a backup, a look from outside) never hold up a write. FULL: what was answered survives a power cut.
    database.exec('pragma journal_mode = wal; pragma synchronous = full');
    if (maxPages !== undefined) database.exec(`pragma max_page_count = ${maxPages}`);
    return { file, database, unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The store holds private keys. SQLite gives its other files (`-wal`, `-shm`) the mode of the first. */
function makeOwnerOnly(dir: string, file: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const each of [file, `${file}.lock`]) {
      closeSync(openSync(each, 'a', 0o600));
      chmodSync(each, 0o600);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError('unavailable', `the store cannot be kept in ${dir}: ${reason}`, {
      hint: 'choose a directory that this user can write to (store.embedded.dir, general.workDir)',
      cause: error,
    });
  }
}
