import { connect, type Socket } from 'node:net';
import type { Logger } from '../log/logger.ts';

/** Bytes that wait for a server that is away or slow; what comes on top is dropped, since traffic must not wait for its log. */
const mostWaiting = 1 << 20;
const firstPause = 500;
const longestPause = 30_000;
/** A server that nobody logs to any more is left alone. */
const idleTime = 600_000;
const lastWords = 1_000;
/** A connection that ends before this delivers nothing that one could count on: servers accept what they then turn away. */
const settlingTime = 2_000;

/** A server that takes lines over TCP; connected to when there is something to say, and again when the connection breaks. */
export class LogServer {
  readonly #address: string;
  readonly #logger: Logger;
  #socket: Socket | undefined;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #pause = firstPause;
  #retry: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #troubled = false;
  #closing = false;

  constructor(address: string, logger: Logger) {
    this.#address = address;
    this.#logger = logger;
  }

  send(text: string): void {
    const socket = this.#socket;
    const bytes = Buffer.byteLength(text);
    if (this.#waitingBytes + (socket?.writableLength ?? 0) + bytes > mostWaiting) {
      this.#dropped++;
      if (socket?.connecting === false)
        this.#complain('it takes them slower than they come; those of more than 1 MiB are dropped');
      return;
    }
    if (socket?.connecting === false && socket.writable) {
      socket.write(text);
      return;
    }
    this.#waiting.push(text);
    this.#waitingBytes += bytes;
    if (socket === undefined && this.#retry === undefined) this.#connect();
  }

  /** Delivers what can be delivered in a moment. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#retry);
    const socket = this.#socket;
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => socket.destroy(), lastWords);
      socket.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      // The lines that wait for the connection go first.
      if (socket.connecting) socket.once('connect', () => socket.end());
      else socket.end();
    });
  }

  #connect(): void {
    const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(this.#address) ?? [];
    const socket = connect({ host: host ?? this.#address, port: Number(port) || 0, noDelay: true });
    this.#socket = socket;
    let trouble: string | undefined;
    socket.once('connect', () => this.#connected(socket));
    socket.setTimeout(idleTime, () => socket.end());
    socket.on('error', (error) => {
      trouble = error.message;
    });
    socket.once('close', () => this.#closed(trouble));
    socket.on('drain', () => this.#delivers());
    // Nothing is expected from a server of logs, but its going is only seen by who reads.
    socket.resume();
  }

  #connected(socket: Socket): void {
    // Not before: what is given to a connection that fails is lost with it.
    for (const text of this.#waiting) socket.write(text);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#pause = firstPause;
      if (socket.writableLength === 0) this.#delivers();
    }, settlingTime);
  }

  #closed(trouble: string | undefined): void {
    const turnedAway = this.#settling !== undefined;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#socket = undefined;
    if (this.#closing) return;
    if (trouble === undefined && !turnedAway) {
      if (this.#waiting.length > 0) this.#connect();
      return;
    }
    this.#complain(trouble ?? 'it closed the connection');
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#waiting.length > 0) this.#connect();
    }, this.#pause);
    this.#pause = Math.min(this.#pause * 2, longestPause);
  }

  /** Once, or a server that is away would fill this log in place of its own. */
  #complain(reason: string): void {
    if (!this.#troubled) this.#logger.warn({ server: this.#address, reason }, 'Access logs cannot be delivered');
    this.#troubled = true;
  }

  #delivers(): void {
    if (this.#settling !== undefined) return;
    if (this.#troubled) this.#logger.info({ server: this.#address, dropped: this.#dropped }, 'Access logs are delivered again');
    this.#troubled = false;
    this.#dropped = 0;
  }
}
