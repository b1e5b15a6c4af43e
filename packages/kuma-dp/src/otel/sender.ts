import { Agent } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent as SecureAgent } from 'node:https';
import type { ExportSettings } from './export-settings.ts';
import { call } from './grpc-call.ts';
import { post } from './http-post.ts';

/** Sends messages of one signal to one collector. */
export interface Sender {
  /** @throws what went wrong, in words */
  send(message: Uint8Array): Promise<void>;
  close(): void;
}

export function createSender(settings: ExportSettings): Sender {
  return settings.protocol === 'grpc' ? grpcSender(settings) : httpSender(settings);
}

function grpcSender({ host, port, path, tls, headers, gzip, timeout }: ExportSettings): Sender {
  const authority = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  let current: Connection | undefined;
  const forget = ({ session }: Connection): void => {
    if (current?.session === session) current = undefined;
    // Calls that are on their way may end.
    session.close();
  };
  const open = (): Connection => {
    const session = connect(authority, tls || {});
    const broken = new Promise<never>((_, reject) => session.on('error', reject));
    broken.catch(() => undefined);
    session.on('goaway', () => forget({ session, broken })).on('close', () => forget({ session, broken }));
    session.unref();
    return { session, broken };
  };
  return {
    async send(message) {
      current ??= open();
      const used = current;
      try {
        await Promise.race([used.broken, call(used.session, { method: path, message, limit: timeout, headers, gzip })]);
      } catch (error) {
        // A peer that is gone without a word would be asked in vain for as long as its connection seems to be there.
        forget(used);
        throw error;
      }
    },
    close: () => current?.session.destroy(),
  };
}

interface Connection {
  readonly session: ClientHttp2Session;
  readonly broken: Promise<never>;
}

function httpSender({ host, port, path, tls, headers, gzip, timeout }: ExportSettings): Sender {
  const agent = tls ? new SecureAgent({ keepAlive: true, ...tls }) : new Agent({ keepAlive: true });
  return {
    send: (message) => post({ host, port, path, headers, agent, tls: tls !== false }, { message, limit: timeout, gzip }),
    close: () => agent.destroy(),
  };
}
