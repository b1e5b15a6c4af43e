import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';

export interface GrpcStreamOptions {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly onMessage: (message: Buffer) => void;
  /** The stream is over; `status` is gRPC's, undefined when the connection broke. */
  readonly onEnd: (status: string | undefined, message: string) => void;
}

/** A bidirectional gRPC stream by hand: thousands of them have to fit beside the control plane that they measure. */
export class GrpcStream {
  readonly #stream: ClientHttp2Stream;
  /** What has arrived of messages that are not whole yet. */
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes until the next message is whole, its head included. */
  #wanted = 5;

  constructor(session: ClientHttp2Session, { path, headers, onMessage, onEnd }: GrpcStreamOptions) {
    this.#stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let status: string | undefined;
    let message = '';
    const readStatus = (received: { [name: string]: string | string[] | number | undefined }): void => {
      if (received['grpc-status'] !== undefined) {
        status = String(received['grpc-status']);
        message = decodeURI(String(received['grpc-message'] ?? ''));
      }
    };
    this.#stream.on('response', readStatus);
    this.#stream.on('trailers', readStatus);
    this.#stream.on('error', () => {});
    this.#stream.on('close', () => onEnd(status, message));
    this.#stream.on('data', (chunk: Buffer) => this.#receive(chunk, onMessage));
  }

  send(message: Uint8Array): void {
    if (this.#stream.writable) {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(message.length, 1);
      this.#stream.write(Buffer.concat([head, message]));
    }
  }

  #receive(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#wanted) {
      const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
      const end = 5 + all.readUInt32BE(1);
      if (all.length >= end) onMessage(all.subarray(5, end));
      const rest = all.length >= end ? all.subarray(end) : all;
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#length = rest.length;
      this.#wanted = all.length >= end ? 5 : end;
    }
  }
}
