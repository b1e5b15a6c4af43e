import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

interface Entry {
  readonly method: number;
  readonly compressedSize: number;
  readonly localHeader: number;
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/**
 * Writes one member of a ZIP archive to a file. Knows what wheels are made of: stored or deflated members, no ZIP64.
 * Layout: APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
 * @throws Error when the archive has no such member, or is none
 */
export async function extractMember(archive: string, member: string, target: string): Promise<void> {
  const file = await open(archive);
  try {
    const entry = await findEntry(file, member);
    if (!entry) throw new Error(`${archive} has no member ${member}`);
    const header = await read(file, entry.localHeader, 30);
    const start = entry.localHeader + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const content = file.createReadStream({ start, end: start + entry.compressedSize - 1, autoClose: false });
    const output = createWriteStream(target, { mode: 0o755 });
    if (entry.method === 8) await pipeline(content, createInflateRaw(), output);
    else if (entry.method === 0) await pipeline(content, output);
    else throw new Error(`${archive} stores ${member} with the unknown method ${entry.method}`);
  } finally {
    await file.close();
  }
}

async function findEntry(file: FileHandle, member: string): Promise<Entry | undefined> {
  const { size } = await file.stat();
  // The end record is 22 bytes and a comment of at most 64 KiB.
  const tail = await read(file, Math.max(0, size - 65_557), Math.min(size, 65_557));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw new Error('not a ZIP archive');
  const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === directoryEntry; ) {
    const nameLength = directory.readUInt16LE(at + 28);
    if (directory.toString('utf8', at + 46, at + 46 + nameLength) === member) {
      return {
        method: directory.readUInt16LE(at + 10),
        compressedSize: directory.readUInt32LE(at + 20),
        localHeader: directory.readUInt32LE(at + 42),
      };
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
