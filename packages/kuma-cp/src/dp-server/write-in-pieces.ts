import type { Writable } from 'node:stream';

/**
 * TLS keeps, for each connection, a buffer for as much as was ever handed over at once (in Node's `NodeBIO`, in steps of
 * 16 KB), and HTTP/2 hands over all that the peer's window takes: for endpoints of a large mesh that is most of the memory
 * of a control plane. Bytes; with the headers of its frames, a piece stays within three steps.
 */
export const largestPiece = 47 * 1024;

/**
 * Has a stream of HTTP/2 hand over the next piece of what is written to it only when the last is under way. For streams with
 * trailers, as gRPC's are: without any, Node takes a piece for the last one where the stream is to end after what is written.
 */
export function writeInPieces(stream: Writable): void {
  const write = stream._write.bind(stream);
  stream._write = (chunk: Buffer, encoding, done) => {
    if (chunk.length <= largestPiece) {
      write(chunk, encoding, done);
      return;
    }
    const writeFrom = (start: number): void => {
      const end = start + largestPiece;
      write(chunk.subarray(start, end), encoding, (error) => {
        // A stream that is over would drop the next piece and tell nobody.
        if (error || end >= chunk.length || stream.destroyed) {
          done(error);
        } else {
          writeFrom(end);
        }
      });
    };
    writeFrom(0);
  };
}
