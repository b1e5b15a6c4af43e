import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
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
export async function replaceOwn(workDir: string, authority: KeyPair): Promise<KeyPair> {
  const { makeServerCertificate } = await import('./make-server-certificate.ts');
  const made = await makeServerCertificate(ownNames(), authority);
  const files = filesIn(workDir);
  await writeWhole(workDir, files.key, made.key);
  await writeWhole(workDir, files.cert, made.cert);
  return made;
}

function filesIn(workDir: string): { readonly cert: string; readonly key: string } {
  return { cert: join(workDir, 'kuma-cp.crt'), key: join(workDir, 'kuma-cp.key') };
}

async function readOrMake(workDir: string): Promise<KeyPair> {
  const files = filesIn(workDir);
  const [cert, key] = [await readIfThere(files.cert), await readIfThere(files.key)];
  if (cert !== undefined && key !== undefined) {
    checkKeyPair({ cert, key }, `${files.cert} and ${files.key}`);
    return { cert, key };
  }
  if (cert !== undefined) {
    throw new CpError('certificate', `${files.key} is missing beside ${files.cert}`, {
      hint: `restore it, or delete ${files.cert} and have both made anew; clients must then trust the new one`,
    });
  }
  // Loaded for this alone: the libraries take longer than the rest of a start.
  const { makeServerCertificate } = await import('./make-server-certificate.ts');
  const made = await makeServerCertificate(ownNames());
  // The certificate last: with it the pair is whole, whenever the process dies.
  await writeWhole(workDir, files.key, made.key);
  await writeWhole(workDir, files.cert, made.cert);
  return made;
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
