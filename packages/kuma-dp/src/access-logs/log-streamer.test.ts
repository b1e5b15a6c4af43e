import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../testing/until.ts';
import { parseLogLine } from './log-line.ts';
import { startLogStreamer } from './log-streamer.ts';

let folder: string;
let path: string;
const complaints: Record<string, unknown>[] = [];
const logger = pino({ level: 'info' }, { write: (line) => void complaints.push(JSON.parse(line)) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logs-'));
  path = join(folder, 'pipe');
  complaints.length = 0;
});

afterEach(() => rm(folder, { recursive: true }));

/** A real server that keeps what it hears. */
async function startReceiver(port = 0) {
  let heard = '';
  const sockets = new Set<Socket>();
  let met: (socket: Socket) => void = () => {};
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    met(socket);
    socket.on('data', (data) => {
      heard += data;
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    sockets,
    onConnection(does: typeof met) {
      met = does;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function write(...lines: readonly object[]): Promise<void> {
  const file = createWriteStream(path, { flags: 'a' });
  return new Promise((resolve, reject) => {
    file.on('error', reject);
    file.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), () => resolve());
  });
}

test('lines go to the server that each names, text as it is and objects as JSON', async () => {
  await using one = await startReceiver();
  await using two = await startReceiver();
  const streamer = await startLogStreamer(path, logger);
  await write({ address: one.address, message: 'GET /\n' }, { address: two.address, message: { code: 200 } });
  await write({ address: one.address, message: 'GET /again' });
  await streamer!.close();
  await until('all lines', () => one.heard() === 'GET /\nGET /again\n' && two.heard() === '{"code":200}\n');
});

test('a line ends with a line feed alone: what a client writes into it begins no line for another server', async () => {
  await using one = await startReceiver();
  await using other = await startReceiver();
  const streamer = await startLogStreamer(path, logger);
  const endings = ['\u2028', '\u2029', '\r', '\r\n', '\u0085', '\v', '\f'];
  const message = `ü${endings.map((ending) => `${ending}${other.address};stolen`).join('')}`;
  await write({ address: one.address, message });
  await until('the line', () => one.heard() === `${message}\n`);
  await streamer!.close();
  expect(other.heard()).toBe('');
});

test('a server that comes back gets what was logged meanwhile', async () => {
  const first = await startReceiver();
  const { port, address } = first;
  const streamer = await startLogStreamer(path, logger);
  await write({ address, message: 'before' });
  await until('the first line', () => first.heard() === 'before\n');
  await first[Symbol.asyncDispose]();
  await write({ address, message: 'lost with the connection, perhaps' });
  await until('a complaint', () => complaints.find(({ msg }) => msg === 'Access logs cannot be delivered'));
  await write({ address, message: 'kept' });
  await using second = await startReceiver(port);
  await until('the kept line', () => second.heard().includes('kept\n'));
  await until('the news', () => complaints.find(({ msg }) => msg === 'Access logs are delivered again'));
  await streamer!.close();
  expect(complaints.filter(({ msg }) => msg === 'Access logs cannot be delivered')).toHaveLength(1);
  expect(complaints.at(-1)).toMatchObject({ server: address, msg: 'Access logs are delivered again' });
});

test('lines wait for a server that cannot be reached however often it is tried', async () => {
  const gone = await startReceiver();
  const { port, address } = gone;
  await gone[Symbol.asyncDispose]();
  const streamer = await startLogStreamer(path, logger);
  await write({ address, message: 'first' });
  await until('a complaint', () => complaints.find(({ msg }) => msg === 'Access logs cannot be delivered'));
  await write({ address, message: 'second' });
  await using back = await startReceiver(port);
  await until('both lines', () => back.heard() === 'first\nsecond\n');
  await streamer!.close();
});

test.each(['destroy', 'end'] as const)(
  'a server that takes connections to %s them is tried less and less, and named once',
  async (turnAway) => {
    await using server = await startReceiver();
    let written = 0;
    const writtenAt: number[] = [];
    server.onConnection((socket) => {
      writtenAt.push(written);
      socket[turnAway]();
    });
    const streamer = await startLogStreamer(path, logger);
    const writing = setInterval(() => {
      written++;
      void write({ address: server.address, message: 'a line' });
    }, 20);
    await until('four attempts', () => writtenAt.length >= 4);
    clearInterval(writing);
    await streamer!.close();
    const [first = 0, second = 0, third = 0, fourth = 0] = writtenAt;
    expect(third - second).toBeGreaterThan(second - first);
    expect(fourth - third).toBeGreaterThan(third - second);
    expect(complaints).toMatchObject([{ server: server.address, msg: 'Access logs cannot be delivered' }]);
  },
);

test('lines that a server does not take are dropped, which is said', async () => {
  await using slow = await startReceiver();
  slow.onConnection((socket) => socket.pause());
  const streamer = await startLogStreamer(path, logger);
  const lines = Array.from({ length: 1_000 }, () => ({ address: slow.address, message: 'x'.repeat(10_000) }));
  await write(...lines);
  await until('a complaint', () => complaints.find(({ msg }) => msg === 'Access logs cannot be delivered'));
  for (const socket of slow.sockets) socket.resume();
  await until('the news', () => complaints.find(({ msg }) => msg === 'Access logs are delivered again'));
  await streamer!.close();
  expect(complaints).toHaveLength(2);
  expect(complaints[1]!.dropped).toBeGreaterThan(0);
});

test('a server that is away holds up neither other servers nor the pipe', async () => {
  await using there = await startReceiver();
  const streamer = await startLogStreamer(path, logger);
  const long = 'x'.repeat(10_000);
  const lines = Array.from({ length: 500 }, () => ({ address: '127.0.0.1:1', message: long }));
  await write(...lines, { address: there.address, message: 'here' });
  await until('the line', () => there.heard() === 'here\n');
  await streamer!.close();
});

test('without a pipe it says so, and is not there', async () => {
  expect(await startLogStreamer(join(folder, 'missing', 'pipe'), logger)).toBeUndefined();
  expect(complaints).toMatchObject([{ msg: expect.stringContaining('no pipe for access logs') }]);
});

test.each([
  ['{"address":"a:1","message":"text\\n"}', { server: 'a:1', text: 'text\n' }],
  ['{"address":"a:1","message":{"b":null}}', { server: 'a:1', text: '{"b":null}\n' }],
  ['a:1;one;two', { server: 'a:1', text: 'one;two\n' }],
  ['a line of nobody', undefined],
  ['{"message":"x"}', undefined],
  ['{"address":"a:1"', undefined],
  ['{"address":"a:1";b', undefined],
])('the line %j is read as %j', (line, expected) => {
  expect(parseLogLine(line)).toEqual(expected);
});
