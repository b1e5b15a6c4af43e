import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CliError } from '../cli-error.ts';

/** One file's text and where it came from. */
export interface InputText {
  readonly source: string;
  readonly text: string;
}

/** Reads what `-f` names: a file, all `.yaml`, `.yml` and `.json` files of a folder, `-` for standard input, or a URL. */
export async function readInput(from: string, timeout: number): Promise<readonly InputText[]> {
  if (from === '-') return [{ source: 'standard input', text: await text(process.stdin) }];
  if (/^https?:\/\//.test(from)) return [{ source: from, text: await download(from, timeout) }];
  try {
    if (!statSync(from).isDirectory()) return [{ source: from, text: readFileSync(from, 'utf8') }];
    const files = readdirSync(from)
      .filter((file) => /\.(ya?ml|json)$/.test(file))
      .sort();
    if (files.length === 0) {
      throw new CliError({ code: 'INPUT_EMPTY', message: `folder ${from} has no .yaml, .yml or .json file` });
    }
    return files.map((file) => ({ source: join(from, file), text: readFileSync(join(from, file), 'utf8') }));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError({ code: 'INPUT_UNREADABLE', message: `cannot read ${from}: ${(cause as Error).message}`, cause });
  }
}

function download(url: string, timeout: number): Promise<string> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) =>
      reject(new CliError({ code: 'INPUT_UNREADABLE', message: `cannot read ${url}: ${cause.message}`, cause }));
    const request = send(url, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        return fail(new Error(`status ${response.statusCode}`));
      }
      text(response).then(resolve, fail);
    });
    request.on('error', fail);
    request.setTimeout(timeout, () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
    request.end();
  });
}
