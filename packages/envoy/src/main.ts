import { EnvoyUnavailable } from './envoy-unavailable.ts';
import { ensureEnvoy } from './install.ts';

// The real Envoy takes this process over: same process id, so signals, standard streams and exit status are its own.
try {
  const binary = await ensureEnvoy({ onProgress: (message) => process.stderr.write(`${message}\n`) });
  process.execve!(binary, ['envoy', ...process.argv.slice(2)], process.env);
} catch (error) {
  if (!(error instanceof EnvoyUnavailable)) throw error;
  process.stderr.write(`Error: ${error.message}\n${error.hint}\n`);
  process.exitCode = 1;
}
