const colours: Readonly<Record<string, number>> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 31 };

/** One JSON line of the log as a person reads it: `12:30:01.123 INFO  message key=value`. */
export function humanLine(json: string): string {
  const { level, time, msg, logger, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const label = String(level);
  const clock = String(time).slice(11, 23);
  const name = logger ? `[${logger}] ` : '';
  const fields = Object.entries(rest).map(([key, value]) => ` \u001b[90m${key}=\u001b[0m${shown(value)}`);
  const failure = err ? `\n${(err as { stack?: string }).stack ?? JSON.stringify(err)}` : '';
  return `${clock} \u001b[${colours[label] ?? 0}m${label.toUpperCase().padEnd(5)}\u001b[0m ${name}${msg ?? ''}${fields.join('')}${failure}\n`;
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}
