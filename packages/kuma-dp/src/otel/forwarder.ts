import { rm } from 'node:fs/promises';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import type { Logger } from '../log/logger.ts';
import type { Signal } from './environment.ts';
import { signalOf } from './export-settings.ts';
import type { Sender } from './sender.ts';

/** Takes signals over gRPC on a socket and sends them on. */
export interface Forwarder {
  close(): void;
}

export interface ForwarderParts {
  readonly socket: string;
  /** Name of the collector, for the log. */
  readonly collector: string;
  readonly senders: Readonly<Record<Signal, Sender>>;
  readonly logger: Logger;
}

const status = { ok: 0, unimplemented: 12, unavailable: 14 } as const;

export async function startForwarder({ socket, collector, senders, logger }: ForwarderParts): Promise<Forwarder> {
  const troubles = new Map<Signal, string>();
  const sendOn = async (signal: Signal, message: Uint8Array): Promise<number> => {
    try {
      await senders[signal].send(message);
      if (troubles.delete(signal)) logger.info({ collector, signal }, 'Signals are sent again');
      return status.ok;
    } catch (error) {
      const { message: reason } = error as Error;
      if (troubles.get(signal) !== reason) logger.warn({ collector, signal }, `Signals cannot be sent: ${reason}`);
      troubles.set(signal, reason);
      return status.unavailable;
    }
  };
  const take = async (stream: ServerHttp2Stream, path: string): Promise<void> => {
    const signal = signalOf(path);
    const message = messageOf(await buffer(stream));
    answer(stream, signal && message ? await sendOn(signal, message) : status.unimplemented);
  };
  const sessions = new Set<{ destroy(): void }>();
  const server: Http2Server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    // Who went away wants no answer any more.
    take(stream, headers[':path'] ?? '').catch(() => stream.destroy());
  });
  await rm(socket, { force: true });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  return {
    close() {
      server.close();
      for (const session of sessions) session.destroy();
      for (const sender of Object.values(senders)) sender.close();
    },
  };
}

/** The one message of a call, which Envoy does not compress. */
function messageOf(body: Buffer): Buffer | undefined {
  return body.length >= 5 && body[0] === 0 && body.readUInt32BE(1) === body.length - 5 ? body.subarray(5) : undefined;
}

/** An answer without a message of its own has an empty one. */
function answer(stream: ServerHttp2Stream, code: number): void {
  if (stream.destroyed) return;
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(code === status.ok ? Buffer.alloc(5) : undefined);
}
