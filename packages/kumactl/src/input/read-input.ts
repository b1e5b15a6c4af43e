import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { buffer as readStream } from 'node:stream/consumers';
import { CliError } from '../cli-error.ts';

/** One file's text and where it came from. */
export interface InputText {
  readonly source: string;
  readonly text: string;
}

/** Reads what `-f` names: a file, all `.yaml`, `.yml` and `.json` files of a folder, `-` for standard input, or a URL. */
export async function readInput(from: string, timeout: number): Promise<readonly InputText[]> {
  if (from === '-') return [await inputText('standard input', () => readStream(process.stdin))];
  if (/^https?:\/\//.test(from)) return [await inputText(from, () => download(from, timeout))];
  if (!statSync(from, { throwIfNoEntry: false })?.isDirectory()) return [await inputText(from, () => readFile(from))];
  const files = readdirSync(from)
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .sort();
  if (files.length === 0) {
    throw new CliError({ code: 'INPUT_EMPTY', message: `folder ${from} has no .yaml, .yml or .json file` });
  }
  return Promise.all(files.map((file) => inputText(join(from, file), () => readFile(join(from, file)))));
}

async function inputText(source: string, read: () => Promise<Uint8Array>): Promise<InputText> {
  try {
    return { source, text: decode(await read()) };
  } catch (cause) {
    throw new CliError({ code: 'INPUT_UNREADABLE', message: `cannot read ${source}: ${(cause as Error).message}`, cause });
  }
}

/** Of UTF-8, or of UTF-16 with the mark that programs on Windows begin it with. @throws where it is neither */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

function download(url: string, timeout: number): Promise<Uint8Array> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        reject(new Error(`status ${response.statusCode}`));
        return;
      }
      readStream(response).then(resolve, reject);
    });
    request.on('error', reject);
    request.setTimeout(timeout, () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    request.end();
  });
}
