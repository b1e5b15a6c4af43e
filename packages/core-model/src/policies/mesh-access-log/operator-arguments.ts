/** What one part of an argument may be. */
type Part = readonly string[] | 'any';

/** Arguments of parts with a colon between them, of which some have to be one of few words. */
const parts: ReadonlyMap<string, readonly Part[]> = new Map<string, readonly Part[]>([
  ['COMMON_DURATION', ['any', 'any', ['ms', 'us', 'ns']]],
  ['FILTER_STATE', ['any', ['PLAIN', 'TYPED', 'FIELD']]],
  ['GRPC_STATUS', [['CAMEL_STRING', 'SNAKE_STRING', 'NUMBER']]],
  ['METADATA', [['DYNAMIC', 'CLUSTER', 'ROUTE', 'UPSTREAM_HOST', 'LISTENER', 'LISTENER_FILTER_CHAIN', 'VIRTUAL_HOST']]],
  [
    'PATH',
    [
      ['WQ', 'NQ'],
      ['ORIG', 'PATH', 'ORIG_OR_PATH'],
    ],
  ],
  ['QUERY_PARAMS', [['ORIG', 'DECODED']]],
  [
    'REQUESTED_SERVER_NAME',
    [
      ['SNI_ONLY', 'SNI_FIRST', 'HOST_FIRST'],
      ['ORIG', 'HOST', 'ORIG_OR_HOST'],
    ],
  ],
  ['UPSTREAM_FILTER_STATE', ['any', ['PLAIN', 'TYPED', 'FIELD']]],
]);

type Whole = readonly [form: RegExp, like: string];

const filterState: Whole = [/^[^:]+(:(PLAIN|TYPED)?|:FIELD:.+)?$/, 'KEY, KEY:PLAIN or KEY:FIELD:name'];

/** What whole arguments look like, where that is more than each of their parts says. */
const wholes: ReadonlyMap<string, Whole> = new Map<string, Whole>([
  ['COMMON_DURATION', [/^[^:]*:[^:]*(:[^:]+)?$/, 'START:END or START:END:ms']],
  ['FILTER_STATE', filterState],
  ['GRPC_STATUS', [/^\w+$/, 'one word']],
  ['METADATA', [/^\w/, 'TYPE:NAMESPACE:KEY']],
  ['QUERY_PARAMS', [/^\w+$/, 'one word']],
  ['UPSTREAM_FILTER_STATE', filterState],
  ['XFCC_VALUE', [/^(by|hash|cert|chain|subject|uri|dns)$/i, 'by, hash, cert, chain, subject, uri or dns']],
]);

const ofHeaders = new Set(['REQ', 'REQUEST_HEADER', 'RESP', 'RESPONSE_HEADER', 'RESPONSE_TRAILER', 'STREAM_INFO_REQ', 'TRAILER']);

const ofFilterState = new Set(['FILTER_STATE', 'UPSTREAM_FILTER_STATE']);

/** A header, and another one in its absence. */
const headers = /^(:?[\w!#$%&'*+.^`|~-]+)?(\?(:?[\w!#$%&'*+.^`|~-]+)?)?$/;

/** What Envoy would refuse of an operator's argument, and all of the listener with it: what the argument is, in words. */
export function argumentProblems(name: string, argument: string): readonly string[] {
  const got = `; got ${JSON.stringify(argument)}`;
  if (argument.includes('\n')) return [`an argument with a line break${got}`];
  if (ofHeaders.has(name))
    return headers.test(argument) ? [] : [`something else than the name of a header, or two with ? between them${got}`];
  const given = argument.split(':');
  if (ofFilterState.has(name) && given[1] === 'FIELD' && !given[2])
    return [`FIELD without the name of a field, such as ${given[0]}:FIELD:name${got}`];
  const problems = (parts.get(name) ?? []).flatMap((part, index) => {
    const word = given[index] ?? '';
    return part === 'any' || word === '' || part.includes(word) ? [] : [`${word} where one of ${part.join(', ')} belongs${got}`];
  });
  const [form, like] = wholes.get(name) ?? [];
  return problems.length > 0 || !form || form.test(argument) ? problems : [`something else than ${like}${got}`];
}
