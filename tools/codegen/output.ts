import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Content by path from the root of the repository. */
export type GeneratedFiles = Readonly<Record<string, string>>;

export function inFolder(folder: string, files: GeneratedFiles): GeneratedFiles {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
}

/** Files whose content on disk is not the given one, and files in `folders` that nothing generates any more. */
export function differing(root: string, files: GeneratedFiles, folders: readonly string[]): string[] {
  const changed = Object.entries(files).filter(([path, content]) => current(join(root, path)) !== content);
  return [...changed.map(([path]) => path), ...orphans(root, files, folders)].sort();
}

/** Writes what differs, so that watchers see only real changes, and deletes what nothing generates any more. */
export function write(root: string, files: GeneratedFiles, folders: readonly string[]): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    if (current(file) === content) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  for (const path of orphans(root, files, folders)) rmSync(join(root, path));
}

function current(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function orphans(root: string, files: GeneratedFiles, folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    globSync(`${folder}/**/*.*`, { cwd: root }).filter((path) => !Object.hasOwn(files, path.replaceAll('\\', '/'))),
  );
}
