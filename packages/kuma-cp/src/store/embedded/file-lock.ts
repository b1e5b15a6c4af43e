import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../store-error.ts';
import { isBusy, sqliteErrorInWords } from './sqlite-error.ts';

/**
 * Takes `<file>.lock` for this process, or refuses at once. The lock is SQLite's own on an empty database, so that it
 * vanishes with the process however that ends, and nobody ever has to remove a stale file.
 *
 * @returns what gives it back
 * @throws StoreError `locked`
 */
export function lockFile(file: string): () => void {
  const lock = `${file}.lock`;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(lock, { timeout: 0 });
    database.exec('begin exclusive');
  } catch (error) {
    database?.close();
    if (!isBusy(error)) throw sqliteErrorInWords(error, lock);
    throw new StoreError('locked', `another kuma-cp is running on ${file}`, {
      hint: 'end it, or give this one a directory of its own (store.embedded.dir, general.workDir)',
    });
  }
  const held = database;
  return () => held.close();
}
