const colours: Readonly<Record<string, number>> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 31 };
const dim = 90;

/** One JSON line of the log as a person reads it: `12:30:01.123 INFO  [part] message key=value`. */
export function humanLine(json: string): string {
  const { level, time, msg, part, err, ...fields } = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const label = String(level);
  const words = [
    coloured(dim, String(time).slice(11, 23)),
    coloured(colours[label] ?? dim, label.toUpperCase().padEnd(5)),
    ...(part === undefined ? [] : [`[${String(part)}]`]),
    String(msg ?? ''),
    ...Object.entries(fields).map(([key, value]) => `${coloured(dim, `${key}=`)}${shown(value)}`),
  ];
  return `${words.join(' ')}${err === undefined ? '' : `\n${stackOf(err)}`}\n`;
}

function stackOf(error: unknown): string {
  const { stack, message } = error as { readonly stack?: string; readonly message?: string };
  return (stack ?? message ?? JSON.stringify(error)).replaceAll(/^/gm, '    ');
}

/** Quoted where it would be mistaken for the next field, or for another line. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[\x21\x23-\x7e]+$/.test(value) ? value : JSON.stringify(value);
}

function coloured(colour: number, text: string): string {
  return `\u001b[${colour}m${text}\u001b[0m`;
}
