import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Hash of the content of files and folders; tests and what generators made are left out. */
export function contentHash(root: string, paths: readonly string[], salt: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of salt) hash.update(part).update('\0');
  for (const path of paths) addPath(hash, root, path);
  return hash.digest('hex');
}

function addPath(hash: ReturnType<typeof createHash>, root: string, path: string): void {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (!statSync(full).isDirectory()) {
    hash.update(path).update('\0').update(readFileSync(full)).update('\0');
    return;
  }
  for (const entry of readdirSync(full).sort()) {
    if (entry === 'generated' || entry === 'node_modules' || entry.endsWith('.test.ts')) continue;
    addPath(hash, root, join(path, entry));
  }
}
