import { CliError } from './cli-error.ts';
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
  process.stderr.write(`Error: ${message}\n`);
  const hint = error instanceof CliError ? error.hint : await commandHint(message, root);
  if (hint) process.stderr.write(`Hint: ${hint}\n`);
  return 1;
}

/** oclif says no more than that there is no such command. */
async function commandHint(message: string, root: string): Promise<string | undefined> {
  const unknown = /^command (.+) not found$/.exec(message)?.[1];
  if (unknown === undefined) return undefined;
  const { nearest } = await import('@kuma-mesh/core-model/resources/nearest.ts');
  const words = (id: string) => id.replaceAll(':', ' ');
  const close = nearest(words(unknown), Object.keys(readManifest(root)).map(words));
  return close ? `did you mean "kumactl ${close}"?` : 'kumactl --help lists the commands';
}
