import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { humanLine } from './human-line.ts';

export type { Logger } from 'pino';

export const logLevels = ['off', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that hold keys or tokens, at any of the depths that log lines have. */
const secretFields = ['token', 'dataplaneToken', 'authorization', 'password', 'privateKey', 'data'];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Lines for people instead of JSON. */
  readonly human: boolean;
  /** Standard error when absent. */
  readonly output?: DestinationStream;
}

/** A logger whose lines are written at once: the last words before an exit are not lost. */
export function createLogger({ level, human, output = destination({ dest: 2, sync: true }) }: LoggerOptions): Logger {
  const people: DestinationStream = { write: (line) => output.write(humanLine(line)) };
  return pino(
    {
      level: level === 'off' ? 'silent' : level,
      base: undefined,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '(hidden)' },
    },
    human ? people : output,
  );
}
