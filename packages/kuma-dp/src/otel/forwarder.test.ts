import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import pino from 'pino';
import { expect, test } from 'vitest';
import { startForwarder } from './forwarder.ts';
import { callEach } from './grpc-call.ts';
import { createSender } from './sender.ts';

const method = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

/** A server of gRPC that takes whatever comes. */
async function startCollector(port = 0): Promise<{ port: number; bodies: Buffer[]; close(): Promise<void> }> {
  const bodies: Buffer[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', async (stream: ServerHttp2Stream) => {
    bodies.push(await buffer(stream));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' }, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const session of sessions) session.destroy();
    });
  return { port: (server.address() as AddressInfo).port, bodies, close };
}

test('what a socket takes is sent on; a collector that was away gets what comes after it is back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otlp-'));
  const socket = join(folder, 'otlp.sock');
  let collector = await startCollector();
  const { port } = collector;
  const sender = createSender({
    host: '127.0.0.1',
    port,
    protocol: 'grpc',
    path: method,
    tls: false,
    headers: {},
    gzip: false,
    timeout: 5_000,
  });
  const senders = { logs: sender, traces: sender, metrics: sender };
  const forwarder = await startForwarder({ socket, collector: 'otel', senders, logger: pino({ level: 'silent' }) });
  const send = (text: string, path = method) => callEach(socket, path, [Buffer.from(text)], 5_000);
  const texts = () => collector.bodies.map((body) => body.subarray(5).toString());

  await send('first');
  await send('second');
  expect(texts()).toEqual(['first', 'second']);
  await expect(send('unknown', '/some.Service/Method')).rejects.toThrow('status 12');

  await collector.close();
  await expect(send('lost')).rejects.toThrow('status 14');
  collector = await startCollector(port);
  await send('third');
  expect(texts()).toEqual(['third']);

  forwarder.close();
  await collector.close();
  rmSync(folder, { recursive: true });
});
