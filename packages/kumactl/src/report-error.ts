import { CliError } from './cli-error.ts';

interface OclifExit {
  readonly oclif?: { readonly exit?: number };
  readonly showHelp?: boolean;
}

/** Prints an error to stderr. @returns the exit status */
export async function reportError(error: unknown): Promise<number> {
  const exit = (error as OclifExit)?.oclif?.exit;
  // Help and `--version` leave by an error too.
  if (exit === 0) return 0;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`Error: ${message}\n`);
  if (error instanceof CliError && error.hint) process.stderr.write(`Hint: ${error.hint}\n`);
  if (!(error instanceof CliError) && process.env.KUMACTL_DEBUG && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return 1;
}
