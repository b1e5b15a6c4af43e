import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { envoyVersion } from '@kuma-mesh/envoy';
import { DpError } from '../dp-error.ts';

export interface EnvoyVersion {
  /** `1.40.0` */
  readonly version: string;
  /** All that the binary says of itself. */
  readonly build: string;
  /** Of the minor version that the mesh is tested against. */
  readonly compatible: boolean;
}

/** Asks the binary. @throws DpError when it is no Envoy, or cannot run here */
export async function readEnvoyVersion(binary: string): Promise<EnvoyVersion> {
  const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 20_000 }).catch((cause: Error) => {
    const said = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? '';
    throw noEnvoy(binary, `${cause.message.split('\n')[0]} ${said}`.trim(), cause);
  });
  const build = /version: (\S+)/.exec(stdout)?.[1];
  const version = build?.split('/')[1];
  if (!build || !version) throw noEnvoy(binary, `it says ${JSON.stringify(stdout.trim().slice(0, 200))}`);
  return { version, build, compatible: minor(version) === minor(envoyVersion) };
}

function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function noEnvoy(binary: string, why: string, cause?: unknown): DpError {
  return new DpError({
    code: 'KUMA_DP_NO_ENVOY',
    message: `${binary} does not run as Envoy: ${why}`,
    hint: 'Correct --binary-path, or leave it out to use the bundled Envoy.',
    cause,
  });
}
