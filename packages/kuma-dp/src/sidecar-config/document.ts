import { fetchText } from './fetch-text.ts';

const timeout = 2_000;

/** What the control plane has to say of something, as Envoy has it for us. */
export interface Document<Content> {
  /** The one that holds now; undefined where there is none. The same object for as long as it stays the same. */
  current(): Promise<Content | undefined>;
}

export interface DocumentPlace {
  /** Of Envoy's listener, which is there only while a policy wants it. */
  readonly socket: string;
  readonly path: string;
}

export function sidecarDocument<Content>(place: DocumentPlace, read: (json: string) => Content): Document<Content> {
  let known: { readonly etag: string; readonly content: Content } | undefined;
  return {
    async current() {
      const headers = { host: 'localhost', ...(known && { 'if-none-match': known.etag }) };
      const answer = await fetchText({ socketPath: place.socket, path: place.path }, headers, timeout).catch(absent);
      if (answer?.status === 304) return known?.content;
      if (answer?.status !== 200) {
        known = undefined;
        return undefined;
      }
      if (known === undefined || known.etag !== answer.etag) known = { etag: answer.etag ?? '', content: read(answer.body) };
      return known.content;
    },
  };
}

/** No listener, because nobody wants anything; also its socket, left behind. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') return undefined;
  throw error;
}
