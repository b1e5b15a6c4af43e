import type { CliError } from './cli-error.ts';
import { readManifest } from './read-manifest.ts';

interface OclifExit {
  readonly oclif?: { readonly exit?: number };
}

/**
 * Prints an error to stderr.
 * @param root folder of the package, where the list of commands is
 * @returns the exit status
 */
export async function reportError(error: unknown, root: string): Promise<number> {
  // Help and `--version` leave by an error too.
  if ((error as OclifExit)?.oclif?.exit === 0) return 0;
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^command (.+) not found\.?$/i.exec(message)?.[1]?.replaceAll(':', ' ');
  process.stderr.write(`Error: ${unknown === undefined ? message : `there is no command "${unknown}"`}\n`);
  const hint = unknown === undefined ? (error as Partial<CliError>)?.hint : await commandHint(unknown, root);
  if (hint) process.stderr.write(`Hint: ${hint}\n`);
  return 1;
}

/** oclif says no more than that there is no such command. */
async function commandHint(unknown: string, root: string): Promise<string> {
  const { nearest } = await import('@kuma-mesh/core-model/resources/nearest.ts');
  const commands = Object.keys(readManifest(root)).map((id) => id.replaceAll(':', ' '));
  const close = nearest(unknown, commands);
  return close ? `did you mean "kumactl ${close}"?` : 'kumactl --help lists the commands';
}
