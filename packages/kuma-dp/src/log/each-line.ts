import type { Readable } from 'node:stream';

/**
 * Lines of UTF-8 that end with a line feed and with nothing else. Node's readline takes U+2028 and carriage returns for ends as
 * well: a client that puts one into a header would begin a line of its own.
 * @returns what ends when the stream is closed
 */
export function eachLine(stream: Readable, take: (line: string) => void): Promise<void> {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line);
  });
  return new Promise((resolve) => {
    stream.once('close', () => {
      if (rest !== '') take(rest);
      resolve();
    });
  });
}
