import { delimiter, join, resolve } from 'node:path';
import { EnvoyUnavailable, ensureEnvoy, isNativeProgram } from '@kuma-mesh/envoy';
import { DpError } from '../dp-error.ts';
import type { Logger } from '../log/logger.ts';

/**
 * Path of the Envoy to run: the one that was asked for; else one on PATH; else the one that belongs to this version, which
 * is installed if need be. What is on PATH counts only when it is Envoy itself and no launcher: a launcher between us and
 * Envoy would take the signals meant for it.
 * @throws DpError when there is none
 */
export async function envoyBinary(asked: string | undefined, logger: Logger): Promise<string> {
  if (asked) return askedFor(asked);
  if (!process.env.KUMA_ENVOY_BINARY && !process.env.ENVOY_PATH) {
    const installed = onPath('envoy');
    if (installed) return installed;
  }
  try {
    return await ensureEnvoy({ onProgress: (message) => logger.info(message) });
  } catch (error) {
    if (!(error instanceof EnvoyUnavailable)) throw error;
    throw new DpError({ code: 'KUMA_DP_NO_ENVOY', message: error.message, hint: error.hint, cause: error });
  }
}

function askedFor(asked: string): string {
  const path = asked.includes('/') ? resolve(asked) : onPath(asked);
  if (path && isNativeProgram(path)) return path;
  throw new DpError({
    code: 'KUMA_DP_NO_ENVOY',
    message: `There is no Envoy binary at ${asked}${path ? '' : ' (looked for it on PATH)'}`,
    hint: 'Correct --binary-path, or leave it out to use the bundled Envoy.',
  });
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isNativeProgram);
}
