import { CliError } from '../cli-error.ts';

/** `key=value` flags to an object. @throws CliError naming the flag */
export function parsePairs(flag: string, pairs: readonly string[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (pairs ?? []).map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1)
        throw new CliError({
          code: 'FLAG_INVALID',
          message: `${flag} needs the form key=value${flag === '--auth-conf' ? '' : `; got "${pair}"`}`,
        });
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    }),
  );
}
