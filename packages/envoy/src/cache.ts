import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { platform } from './platform.ts';
import { envoyVersion } from './release.ts';

/**
 * Folders that may hold the binary, best first: the user's cache, and where that cannot be had (no home, a read-only
 * one) a folder of this user below the system's temporary one. All lie outside any checkout, one folder a version.
 */
export function cacheFolders(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const roots: string[] = [];
  const home = env.HOME || homedir();
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) roots.push(join(env.XDG_CACHE_HOME, 'kuma-mesh'));
  else if (isAbsolute(home)) roots.push(join(home, '.cache', 'kuma-mesh'));
  roots.push(join(tmpdir(), `kuma-mesh-${userInfo().uid}`));
  return roots.map((root) => join(root, 'envoy', envoyVersion, platform));
}

/**
 * Whether nobody else can put a program into the folder, or the folder in another's place. Who shares a temporary
 * folder could otherwise have us run theirs.
 */
export function isOurs(folder: string): boolean {
  const { uid } = userInfo();
  const temporary = join(tmpdir(), `kuma-mesh-${uid}`);
  if (!folder.startsWith(temporary)) return true;
  try {
    const { uid: owner, mode } = statSync(temporary);
    return owner === uid && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}

/** Makes the first of the cache folders that can be made and written to; undefined where none can. */
export function makeCacheFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return cacheFolders(env).find((folder) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // The test for being able to write: permission bits alone do not tell of a read-only file system.
      rmdirSync(mkdtempSync(join(folder, '.probe-')));
      return isOurs(folder);
    } catch {
      return false;
    }
  });
}
