import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

export interface FileToWrite {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Writes all of the files or none of them, each whole, with its mode also where it was there before. */
export function writeFiles(files: readonly FileToWrite[]): void {
  const written: { readonly temporary: string; readonly path: string }[] = [];
  try {
    for (const { path, text, mode } of files) {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isDirectory()) throw new Error(`${path} is a folder`);
      // A pipe or a terminal cannot be replaced.
      if (stats && !stats.isFile()) {
        writeFileSync(path, text);
        continue;
      }
      const temporary = `${path}.${process.pid}`;
      written.push({ temporary, path });
      rmSync(temporary, { force: true });
      writeFileSync(temporary, text, { mode, flag: 'wx' });
    }
    for (const { temporary, path } of written) renameSync(temporary, path);
  } catch (error) {
    for (const { temporary } of written) rmSync(temporary, { force: true });
    throw error;
  }
}
