import { CliError } from '../cli-error.ts';

/** `key=value` flags to an object. @throws CliError naming the flag */
export function parsePairs(flag: string, texts: readonly string[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((texts ?? []).flatMap((text) => splitPairs(flag, text)));
}

/** `k=v1,v2`, repeatable, to the tags of a token request. */
export function parseTags(texts: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const tags: Record<string, string[]> = {};
  for (const [key, values] of texts.flatMap((text) => splitPairs('--tag', text))) {
    tags[key] = [...(tags[key] ?? []), ...values.split(',')];
  }
  return tags;
}

/** One pair, or several between commas, as Kuma's flags take them: a value with commas and `=` needs double quotes around its pair. */
function splitPairs(flag: string, text: string): readonly (readonly [string, string])[] {
  const several = text.indexOf('=') !== text.lastIndexOf('=');
  return (several ? commaSeparated(text) : [text]).map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new CliError({
        code: 'FLAG_INVALID',
        message: `${flag} needs the form key=value${flag === '--auth-conf' ? '' : `; got "${pair}"`}`,
      });
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function commaSeparated(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|,)(?:"([^"]*)"(?=,|$)|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
