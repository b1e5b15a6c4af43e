import { nearest } from '../../resources/nearest.ts';
import { alternatives } from './coalesce.ts';
import { argumentProblems } from './operator-arguments.ts';
import { operators } from './operators.ts';
import { placeholders } from './placeholders.ts';

/** A piece of a format as it was written. */
export type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'operator'; readonly name: string; readonly argument?: string; readonly maxLength?: number };

/** `%NAME%`, `%NAME(argument)%`, `%NAME(argument):length%`, and `%%` for a percent sign. */
const operator = /%(?:%|([A-Z0-9_]+)(?:\(([\s\S]*?)\))?(?::(\d+))?%)/y;

/** Reads a format. A percent sign that begins nothing is kept as a token of text; {@link templateProblems} refuses it. */
export function parseTemplate(format: string): readonly Token[] {
  const tokens: Token[] = [];
  let text = '';
  for (let at = 0; at < format.length; ) {
    operator.lastIndex = at;
    const match = format[at] === '%' ? operator.exec(format) : null;
    const [whole = format[at]!, name, argument, length] = match ?? [];
    at += whole.length;
    if (name === undefined) {
      text += match ? '%' : whole;
      continue;
    }
    if (text !== '') tokens.push({ kind: 'text', text });
    text = '';
    tokens.push({
      kind: 'operator',
      name,
      ...(argument !== undefined && { argument }),
      ...(length !== undefined && { maxLength: Number(length) }),
    });
  }
  if (text !== '') tokens.push({ kind: 'text', text });
  return tokens;
}

/** What is wrong with a format, in words; a proxy would refuse all of its configuration for it. */
export function templateProblems(format: string): readonly string[] {
  const open = unfinished(format);
  return [
    ...(open === undefined ? [] : [`has a % at character ${open + 1} that begins no command operator; %% writes a percent sign`]),
    ...parseTemplate(format).flatMap((token) => (token.kind === 'operator' ? operatorProblems(token) : [])),
  ];
}

/** Whether Envoy reads a text as a format, with no placeholder that only access logs have. */
export function isEnvoyFormat(text: string): boolean {
  if (templateProblems(text).length > 0) return false;
  return parseTemplate(text).every((token) => token.kind === 'text' || !placeholders.has(token.name));
}

/** Where a percent sign stands that is not part of an operator. */
function unfinished(format: string): number | undefined {
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', at)) {
    operator.lastIndex = at;
    const match = operator.exec(format);
    if (match === null) return at;
    at += match[0].length;
  }
  return undefined;
}

type Operator = Omit<Extract<Token, { kind: 'operator' }>, 'kind'>;

function operatorProblems({ name, argument = '', maxLength }: Operator): readonly string[] {
  const known = placeholders.has(name) ? { argument: 'none', cut: false } : operators.get(name);
  if (known === undefined) {
    const suggestion = nearest(name, [...placeholders.keys(), ...operators.keys()]);
    return [`has an unknown command operator %${name}%${suggestion ? `; did you mean %${suggestion}%?` : ''}`];
  }
  return [
    ...(known.argument === 'none' && argument !== '' ? [`gives %${name}% an argument, which it does not take`] : []),
    ...(known.argument === 'required' && argument === '' ? [`gives %${name}% no argument, such as %${name}(...)%`] : []),
    ...(maxLength !== undefined && !known.cut ? [`limits the length of %${name}%, which cannot be cut`] : []),
    ...(argument === '' ? [] : argumentProblems(name, argument).map((reason) => `gives %${name}% ${reason}`)),
    ...(name === 'COALESCE' && argument !== '' ? alternativeProblems(argument) : []),
  ];
}

function alternativeProblems(argument: string): readonly string[] {
  const tried = alternatives(argument);
  if (tried === undefined)
    return [
      'gives %COALESCE% something else than a list such as {"operators": ["PROTOCOL", {"command": "REQ", "param": "x-name"}]}',
    ];
  return tried.flatMap((each) =>
    placeholders.has(each.name)
      ? [`has %${each.name}% inside of %COALESCE%, which takes Envoy's own only`]
      : operatorProblems(each),
  );
}
