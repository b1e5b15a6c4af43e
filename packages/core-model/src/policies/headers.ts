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
