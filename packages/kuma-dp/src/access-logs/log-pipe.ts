import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A named pipe that Envoy writes lines to. */
export interface LogPipe {
  /** Ends once what was written so far has been read, after `finish`. */
  readonly lines: Socket;
  finish(): void;
}

/** @throws where the system makes no named pipes, or not there */
export async function openLogPipe(path: string): Promise<LogPipe> {
  await rm(path, { force: true });
  // Only this user may write to it: each line says where it is to be sent.
  await run('mkfifo', ['-m', '600', path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // A writer of our own keeps the pipe from ending whenever Envoy closes it, and Envoy from waiting for a reader.
  const keeper = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return {
    lines: new Socket({ fd: reading, readable: true, writable: false }),
    finish: () => closeSync(keeper),
  };
}
