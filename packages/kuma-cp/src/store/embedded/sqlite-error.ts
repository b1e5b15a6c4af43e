import { StoreError } from '../store-error.ts';

/** Primary result codes of SQLite that a person can do something about: https://sqlite.org/rescode.html */
const resultCodes = { busy: 5, readonly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

/** What a failure of the database means for whoever runs kuma-cp; other errors are returned as they are. */
export function sqliteErrorInWords(error: unknown, file: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  if (hasCode(error, 'ERR_INVALID_STATE')) return new StoreError('unavailable', 'the store is closed', { cause: error });
  switch (primaryResultCode(error)) {
    case undefined:
      return error;
    case resultCodes.busy:
      return new StoreError('locked', `${file} is in use by another process`, {
        hint: 'end the other process, or give this one a directory of its own (store.embedded.dir, general.workDir)',
        cause: error,
      });
    case resultCodes.full:
      return new StoreError('full', `no room left on the disk for ${file}; nothing was written`, {
        hint: 'free some space, then repeat the change',
        cause: error,
      });
    case resultCodes.readonly:
    case resultCodes.cannotOpen:
      return new StoreError('unavailable', `${file} cannot be opened for writing`, {
        hint: 'check owner and permissions of the file and its directory',
        cause: error,
      });
    case resultCodes.corrupt:
    case resultCodes.notADatabase:
      return new StoreError('unavailable', `${file} is damaged or not a store of kuma-cp`, {
        hint: 'restore it from a backup, or move it away to begin with an empty store',
        cause: error,
      });
    case resultCodes.ioError:
      return new StoreError('unavailable', `the disk failed while using ${file} (${error.message})`, { cause: error });
    default:
      return new StoreError('unavailable', `${file}: ${error.message}`, { cause: error });
  }
}

export function isBusy(error: unknown): boolean {
  return error instanceof Error && primaryResultCode(error) === resultCodes.busy;
}

/** The low byte; the rest of SQLite's extended codes says where it happened. */
function primaryResultCode(error: Error): number | undefined {
  return hasCode(error, 'ERR_SQLITE_ERROR') && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

function hasCode(error: Error, code: string): boolean {
  return 'code' in error && error.code === code;
}
