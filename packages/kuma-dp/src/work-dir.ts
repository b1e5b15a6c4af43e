import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DpError } from './dp-error.ts';

/** A folder of this kuma-dp alone: bootstrap configuration, token, sockets. */
export interface WorkDir {
  readonly path: string;
  /** @returns path of the file, which only this user can read */
  writeSecret(name: string, content: string): Promise<string>;
  /** Removes what was made: all of a temporary folder, only our files of a given one. */
  remove(): Promise<void>;
}

/** Sockets that the control plane tells Envoy and us to make in the folder. */
export const adminSocketName = 'kuma-envoy-admin.sock';
export const readinessSocketName = 'kuma-readiness-reporter.sock';

// sun_path of sockaddr_un, less the terminating zero: 108 on Linux, 104 elsewhere.
const longestSocketPath = (process.platform === 'linux' ? 108 : 104) - 1;

/** Opens the given folder, or a new temporary one. */
export async function openWorkDir(given: string | undefined): Promise<WorkDir> {
  const path = given ?? (await temporaryFolder());
  if (given) await makeFolder(given);
  const longest = Buffer.byteLength(join(path, readinessSocketName));
  if (longest > longestSocketPath) {
    throw new DpError({
      code: 'KUMA_DP_WORK_DIR_TOO_LONG',
      message: `The work directory's path is too long for the Unix sockets in it (${longest} bytes of at most ${longestSocketPath}): ${path}`,
      hint: 'Choose a shorter one with --work-dir.',
    });
  }
  if (await isListening(join(path, adminSocketName))) {
    throw new DpError({
      code: 'KUMA_DP_WORK_DIR_IN_USE',
      message: `The work directory ${path} belongs to another kuma-dp whose Envoy is running`,
      hint: 'Give each its own with --work-dir.',
    });
  }
  const written = new Set([adminSocketName, readinessSocketName].map((name) => join(path, name)));
  // Left behind by one that was killed, a socket would keep Envoy from listening.
  await Promise.all([...written].map((socket) => rm(socket, { force: true })));
  return {
    path,
    async writeSecret(name, content) {
      const file = join(path, name);
      written.add(file);
      await rm(file, { force: true });
      await writeFile(file, content, { mode: 0o600, flag: 'wx' });
      return file;
    },
    async remove() {
      if (!given) await rm(path, { recursive: true, force: true });
      else await Promise.all([...written].map((file) => rm(file, { force: true })));
    },
  };
}

/** The temporary folder of the system may be deep down; /tmp then leaves room for the sockets' names. */
async function temporaryFolder(): Promise<string> {
  const candidates = [tmpdir(), '/tmp'].filter(
    (root) => join(root, 'kuma-dp-XXXXXX', readinessSocketName).length <= longestSocketPath,
  );
  try {
    return await mkdtemp(join(candidates[0] ?? '/tmp', 'kuma-dp-'));
  } catch (cause) {
    throw new DpError({
      code: 'KUMA_DP_WORK_DIR',
      message: `A temporary work directory could not be made: ${(cause as Error).message}`,
      hint: 'Name one that can be written to with --work-dir.',
      cause,
    });
  }
}

function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('error', () => resolve(false));
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
  });
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DpError({
      code: 'KUMA_DP_WORK_DIR',
      message: `The work directory ${path} cannot be used: ${(cause as Error).message}`,
      hint: 'Choose another with --work-dir.',
      cause,
    });
  }
}
