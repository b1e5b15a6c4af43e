import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { largestPiece, writeInPieces } from './write-in-pieces.ts';

const server = createServer();
let session: ReturnType<typeof connect>;
beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { settings: { initialWindowSize: 2 ** 24 } });
});
afterEach(async () => {
  session.destroy();
  await new Promise((closed) => server.close(closed));
});

/** A stream that writes in pieces, the sizes of what it hands over, and its other end. */
async function opened() {
  const accepted = once(server, 'stream') as Promise<[ServerHttp2Stream]>;
  const client = session.request();
  const [stream] = await accepted;
  const sizes: number[] = [];
  const write = stream._write.bind(stream);
  stream._write = (chunk: Buffer, encoding, done) => {
    sizes.push(chunk.length);
    write(chunk, encoding, done);
  };
  writeInPieces(stream);
  stream.respond();
  return { stream, client, sizes };
}

test('what is large is handed over in pieces, and arrives as it was', async () => {
  const { stream, client, sizes } = await opened();
  const messages = [
    randomBytes(10),
    randomBytes(10 * largestPiece + 1),
    randomBytes(largestPiece),
    randomBytes(0),
    randomBytes(1),
  ];
  const received = buffer(client);
  for (const message of messages) {
    await new Promise<void>((resolve, reject) => stream.write(message, (error) => (error ? reject(error) : resolve())));
  }
  stream.end();
  expect((await received).equals(Buffer.concat(messages))).toBe(true);
  expect(sizes).toEqual([10, ...Array<number>(10).fill(largestPiece), 1, largestPiece, 0, 1]);
});

test('who writes hears of the end of the stream, be it in the middle', async () => {
  const { stream, client, sizes } = await opened();
  const written = new Promise((done) => stream.write(randomBytes(2 ** 26), done));
  client.once('data', () => client.close());
  await Promise.all([written, once(stream, 'close')]);
  expect(sizes.length).toBeLessThan(2 ** 26 / largestPiece);
});
