import type { HeaderIr } from '../ir/index.ts';
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
