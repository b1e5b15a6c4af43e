import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CpError } from '../cp-error.ts';
import { checkKeyPair, type KeyPair } from './server-tls.ts';

/**
 * The control plane's own certificate, looked for when it is first asked for: `kuma-cp.crt` and `kuma-cp.key` in the work
 * directory, made when they are not there. It signs itself, so that `kuma-cp.crt` is also what clients trust.
 *
 * @throws (when asked) CpError `certificate`, `work-dir`
 */
export function ownCertificate(workDir: string): () => Promise<KeyPair> {
  let asked: Promise<KeyPair> | undefined;
  return () => {
    asked ??= readOrMake(workDir);
    return asked;
  };
}

/**
 * Puts another certificate in the place of the control plane's own: one that `authority` has signed, which stands behind it.
 * @throws CpError `work-dir`
 */
export function replaceOwn(workDir: string, authority: KeyPair): Promise<KeyPair> {
  return alone(workDir, async () => {
    const found = await readOwn(workDir);
    // Another control plane with the same work directory may have done it meanwhile.
    if (found && new X509Certificate(found.cert).verify(new X509Certificate(authority.cert).publicKey)) return found;
    return make(workDir, authority);
  });
}

function filesIn(workDir: string): { readonly cert: string; readonly key: string } {
  return { cert: join(workDir, 'kuma-cp.crt'), key: join(workDir, 'kuma-cp.key') };
}

async function readOrMake(workDir: string): Promise<KeyPair> {
  return (await readOwn(workDir)) ?? alone(workDir, async () => (await readOwn(workDir)) ?? make(workDir));
}

async function readOwn(workDir: string): Promise<KeyPair | undefined> {
  const files = filesIn(workDir);
  const [cert, key] = [await readIfThere(files.cert), await readIfThere(files.key)];
  if (cert !== undefined && key !== undefined) {
    checkKeyPair({ cert, key }, `${files.cert} and ${files.key}`);
    return { cert, key };
  }
  if (cert === undefined) return undefined;
  throw new CpError('certificate', `${files.key} is missing beside ${files.cert}`, {
    hint: `restore it, or delete ${files.cert} and have both made anew; clients must then trust the new one`,
  });
}

async function make(workDir: string, authority?: KeyPair): Promise<KeyPair> {
  // Loaded for this alone: the libraries take longer than the rest of a start.
  const { makeServerCertificate } = await import('./make-server-certificate.ts');
  const made = await makeServerCertificate(ownNames(), authority);
  const files = filesIn(workDir);
  // The certificate last: with it the pair is whole, whenever the process dies.
  await writeWhole(workDir, files.key, made.key);
  await writeWhole(workDir, files.cert, made.cert);
  return made;
}

/** Who makes a certificate is done long before this. Milliseconds. */
const making = 15_000;

/** Of control planes that start at once with one work directory, one makes the certificate, and the others find it. */
async function alone<T>(workDir: string, work: () => Promise<T>): Promise<T> {
  const lock = join(workDir, 'kuma-cp.crt.making');
  const since = Date.now();
  for (;;) {
    try {
      await mkdir(workDir, { recursive: true, mode: 0o700 });
      await mkdir(lock);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(workDir, error);
    }
    // Whoever held it died.
    if (Date.now() - since > making) await rm(lock, { recursive: true, force: true });
    else await delay(50);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

function ownNames() {
  return { dnsNames: ['localhost', hostname()], addresses: localAddresses() };
}

function localAddresses(): readonly string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const reachable = interfaces.filter(({ address }) => !address.startsWith('fe80:')).map(({ address }) => address);
  return [...new Set(['127.0.0.1', '::1', ...reachable])];
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(file, error);
  }
}

async function writeWhole(dir: string, file: string, content: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, content, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): CpError {
  return new CpError('work-dir', `${file}: ${(error as Error).message}`, {
    hint: 'choose a work directory that this user can read and write (general.workDir, KUMA_GENERAL_WORK_DIR)',
    cause: error,
  });
}
