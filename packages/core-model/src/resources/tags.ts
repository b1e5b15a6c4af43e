import { nearest } from './nearest.ts';
import type { Problem } from './resource.ts';

export type Tags = Readonly<Record<string, string>>;

const tagName = /^[A-Za-z0-9._:/-]+$/;
const tagValue = /^[A-Za-z0-9._:/-]+$/;
/** Selects by the presence of a tag. */
const anyValue = '*';

/** Values of `kuma.io/protocol`. */
export const protocols: readonly string[] = ['tcp', 'http', 'http2', 'grpc', 'kafka', 'tls'];

/** What is wrong with tags of a proxy, at `field`. Those that name a service must say which, unless the field `instead` does. */
export function tagProblems(
  field: string,
  tags: Tags | undefined,
  options: { readonly service: boolean; readonly instead?: string },
): Problem[] {
  const problems: Problem[] = [];
  if (options.service && !tags?.['kuma.io/service']) {
    const given = options.instead === undefined ? [] : [options.instead];
    problems.push({ field: `${field}["kuma.io/service"]`, reason: 'must be set to the name of the service', given });
  }
  for (const [name, value] of Object.entries(tags ?? {})) {
    const saidAlready = options.service && name === 'kuma.io/service' && value === '';
    problems.push(...oneTagProblems(field, name, saidAlready ? undefined : value));
  }
  const protocol = tags?.['kuma.io/protocol'];
  if (protocol) problems.push(...protocolProblems(`${field}["kuma.io/protocol"]`, protocol));
  return problems;
}

/** What is wrong with tags that others are selected by. */
export function tagSelectorProblems(field: string, tags: Tags = {}): Problem[] {
  return Object.entries(tags).flatMap(([name, value]) => oneTagProblems(field, name, value === anyValue ? undefined : value));
}

/** @param value undefined where nothing is wrong with it */
function oneTagProblems(field: string, name: string, value: string | undefined): Problem[] {
  const at = `${field}[${JSON.stringify(name)}]`;
  const problems: Problem[] = [];
  if (!tagName.test(name)) problems.push({ field: at, reason: 'the name of a tag must be letters, digits, ., -, _, : and /' });
  if (value === '') problems.push({ field: at, reason: 'must not be empty' });
  else if (value !== undefined && !tagValue.test(value))
    problems.push({ field: at, reason: `must be letters, digits, ., -, _, : and /; got ${JSON.stringify(value)}` });
  return problems;
}

export function protocolProblems(field: string, protocol: string): Problem[] {
  if (protocols.includes(protocol)) return [];
  const guess = nearest(protocol, protocols);
  const hint = guess ? `; did you mean ${guess}?` : '';
  return [{ field, reason: `must be one of ${protocols.join(', ')}; got ${JSON.stringify(protocol)}${hint}` }];
}
