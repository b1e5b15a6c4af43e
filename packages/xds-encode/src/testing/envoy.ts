import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findEnvoy } from '@kuma-mesh/envoy';

const run = promisify(execFile);

/** The real Envoy, or why there is none. */
export const envoy: { readonly path?: string; readonly missing?: string } = await findEnvoy().then(
  (path) => ({ path }),
  (error: Error) => ({ missing: error.message }),
);

/** What Envoy has against a bootstrap; undefined when it takes it. */
export async function refusal(bootstrap: string): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'envoy-validate-'));
  try {
    const file = join(folder, 'bootstrap.yaml');
    await writeFile(file, bootstrap, { mode: 0o600 });
    const result = await run(envoy.path!, ['--mode', 'validate', '--log-level', 'error', '--config-path', file]).catch(
      (error: { stderr: string }) => error,
    );
    return result instanceof Error ? result.stderr : undefined;
  } finally {
    await rm(folder, { recursive: true });
  }
}
