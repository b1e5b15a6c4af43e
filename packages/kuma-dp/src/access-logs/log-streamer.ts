/**
 * Access logs for TCP servers, which Envoy cannot write to itself:
 *
 *   Envoy ─lines, each with its server's address─► named pipe ─► here ─► one connection a server
 *
 * The pipe is read without a pause, or Envoy would have to keep what it cannot write.
 */
import { rm } from 'node:fs/promises';
import { eachLine } from '../log/each-line.ts';
import type { Logger } from '../log/logger.ts';
import { parseLogLine } from './log-line.ts';
import { openLogPipe } from './log-pipe.ts';
import { LogServer } from './log-server.ts';

export interface LogStreamer {
  /** Delivers what was written so far, and ends. For when Envoy is gone. */
  close(): Promise<void>;
}

/** @returns undefined where no pipe can be made; all but these logs works without */
export async function startLogStreamer(path: string, logger: Logger): Promise<LogStreamer | undefined> {
  const pipe = await openLogPipe(path).catch((error: Error) => {
    logger.warn({ reason: error.message }, 'There is no pipe for access logs; policies that log to TCP servers have no effect');
    return undefined;
  });
  if (pipe === undefined) return undefined;
  const servers = new Map<string, LogServer>();
  let unreadable = 0;
  const read = eachLine(pipe.lines, (line) => {
    const parsed = parseLogLine(line);
    if (parsed === undefined) {
      if (unreadable++ === 0) logger.warn('A line of an access log does not say which server it is for');
      return;
    }
    let server = servers.get(parsed.server);
    if (server === undefined) {
      server = new LogServer(parsed.server, logger);
      servers.set(parsed.server, server);
    }
    server.send(parsed.text);
  });
  return {
    async close() {
      pipe.finish();
      await read;
      await rm(path, { force: true });
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
}
