import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { fetchText } from './fetch-text.ts';

async function asked(answer: (response: ServerResponse) => void) {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await fetchText({ host: '127.0.0.1', port, path: '/' }, {}, 10_000);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const compressed = (encoding: string, body: Buffer) => (response: ServerResponse) =>
  response.writeHead(200, { 'content-encoding': encoding }).end(body);

test.each([
  ['gzip', gzipSync],
  ['GZIP', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('an answer that is compressed unasked is read: %s', async (encoding, compress) => {
  expect((await asked(compressed(encoding, compress('up 1\n')))).body).toBe('up 1\n');
});

test.each(['identity', 'constructor', 'zzz'])('one whose encoding nobody knows is read as it stands: %s', async (encoding) => {
  expect((await asked(compressed(encoding, Buffer.from('up 1\n')))).body).toBe('up 1\n');
});

test('one that ends amid it is none, and neither is one that is too large once it is read', async () => {
  const whole = gzipSync('up 1\n');
  await expect(asked(compressed('gzip', whole.subarray(0, whole.length - 4)))).rejects.toThrow('unexpected end of file');
  await expect(asked(compressed('gzip', gzipSync(Buffer.alloc(65 * 1024 * 1024))))).rejects.toThrow('longer than');
  await expect(asked((response) => response.end(Buffer.alloc(65 * 1024 * 1024)))).rejects.toThrow('longer than');
});
