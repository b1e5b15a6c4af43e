/** A line of a log, and the server that it is for. */
export interface LogLine {
  /** `host:port` */
  readonly server: string;
  /** With the end of the line. */
  readonly text: string;
}

/**
 * Reads what a control plane has Envoy write: `{"address": ..., "message": text or object}`, or the older `address;text`.
 * @returns undefined for anything else
 */
export function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) {
    const [server, ...rest] = line.split(';');
    return server && rest.length > 0 ? { server, text: ended(rest.join(';')) } : undefined;
  }
  const { address, message } = parseJson(line);
  if (typeof address !== 'string' || message === undefined || message === null) return undefined;
  return { server: address, text: ended(typeof message === 'string' ? message : JSON.stringify(message)) };
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function parseJson(line: string): { readonly address?: unknown; readonly message?: unknown } {
  try {
    return JSON.parse(line) as { readonly address?: unknown; readonly message?: unknown };
  } catch {
    return {};
  }
}
