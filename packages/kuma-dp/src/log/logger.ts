import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { humanLine } from './human-line.ts';

export type { Logger } from 'pino';

export type LogLevel = 'off' | 'error' | 'info' | 'debug';

/**
 * Logs to standard error, since Envoy's access logs may have standard output: JSON lines, or lines for people where that is
 * a terminal.
 */
export function createLogger(level: string): Logger {
  // Synchronous, so that the last words before an exit are not lost.
  const output = destination({ dest: 2, sync: true });
  // Whoever reads the log may go away; the traffic must not.
  output.on('error', () => {});
  const people: DestinationStream = { write: (line) => output.write(humanLine(line)) };
  return pino(
    {
      level: level === 'off' ? 'silent' : level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    process.stderr.isTTY ? people : output,
  );
}
