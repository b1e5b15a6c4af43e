import type { HeaderIr } from '../ir/index.ts';
import { notHost } from '../resources/checks.ts';
import type { Problem } from '../resources/resource.ts';
import { isEnvoyFormat } from './mesh-access-log/template.ts';

/** A header as policies state it. */
interface StatedHeader {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
}

/** What is no format of Envoy's command operators, such as `100%`, is text. */
export function header({ name = '', value = '' }: StatedHeader): HeaderIr {
  return value.includes('%') && isEnvoyFormat(value) ? { name, value, format: true } : { name, value };
}

const ofConnection = new Set(['connection', 'content-length', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/**
 * Whether a header speaks of one connection of HTTP/1.1 or of how a body is sent on it. Proxies speak HTTP/2 with each other, and
 * the one that is sent such a header ends the connection, and so all requests on it.
 */
export function isOfConnection({ name = '', value }: StatedHeader): boolean {
  return ofConnection.has(name) || (name === 'te' && value !== 'trailers');
}

interface StatedHeaders {
  readonly set?: readonly StatedHeader[] | undefined;
  readonly add?: readonly StatedHeader[] | undefined;
}

/** Those of a connection, with their places below the two lists. */
export function headersOfConnections({ set = [], add = [] }: StatedHeaders) {
  return Object.entries({ set, add }).flatMap(([list, headers]) =>
    headers.map((stated, i) => ({ ...stated, place: [list, i] })).filter(isOfConnection),
  );
}

/** Bytes. For a longer one Envoy refuses the whole configuration of routes, and with it permissions that change later. */
const longest = 16_384;

/** What is wrong with a header that proxies are to write. */
export function headerProblems(at: string, stated: StatedHeader): Problem[] {
  return [...notHost(`${at}.name`, stated.name), ...headerValueProblems(`${at}.value`, stated)];
}

export function headerValueProblems(field: string, stated: StatedHeader): Problem[] {
  const { value, format } = header(stated);
  // In text a percent sign is written twice.
  const bytes = new TextEncoder().encode(format ? value : value.replaceAll('%', '%%')).length;
  return bytes > longest ? [{ field, reason: `must be at most ${longest} bytes long; got ${bytes}` }] : [];
}
