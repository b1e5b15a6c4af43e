import { parseDuration } from '@kuma-mesh/core-model/resources/duration.ts';
import type { Flag } from './flag.ts';

/** What a flag's text means: durations are milliseconds. */
export type FlagValue = string | boolean | number | Readonly<Record<string, string>>;

export type ReadValue = { readonly ok: true; readonly value: FlagValue } | { readonly ok: false; readonly expected: string };

// The spellings of Go's strconv.ParseBool, which scripts for Kuma use.
const yes = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const no = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** Reads the text of one flag or variable. */
export function readValue(flag: Flag, text: string): ReadValue {
  switch (flag.kind) {
    case 'text':
      if (flag.oneOf && !flag.oneOf.includes(text)) return refuse(`one of ${flag.oneOf.join(', ')}`);
      return { ok: true, value: text };
    case 'boolean':
      if (yes.has(text)) return { ok: true, value: true };
      return no.has(text) ? { ok: true, value: false } : refuse('true or false');
    case 'number':
      return /^\d{1,15}$/.test(text) ? { ok: true, value: Number(text) } : refuse('a whole number');
    case 'port':
      return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
        ? { ok: true, value: Number(text) }
        : refuse('a port from 0 to 65535');
    case 'duration': {
      const ms = parseDuration(text);
      return ms === undefined ? refuse('a duration such as 30s, 1m30s or 500ms') : { ok: true, value: ms };
    }
    case 'pairs': {
      const pairs = splitPairs(text);
      return pairs ? { ok: true, value: pairs } : refuse('KEY=VALUE');
    }
  }
}

function refuse(expected: string): ReadValue {
  return { ok: false, expected };
}

/** `a=1,b=2` is two pairs; a comma that no `key=` follows belongs to the value. */
function splitPairs(text: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {};
  for (const pair of text.split(/,(?=[^,=\s]+=)/)) {
    const at = pair.indexOf('=');
    if (at < 1) return undefined;
    pairs[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return pairs;
}
