import { RE2JS } from 're2js';
import type { Problem } from './resource.ts';

/** Whether proxies, which read it with RE2, take the expression. */
export function regularExpression(field: string, expression: string | undefined): Problem[] {
  const problem = expression === undefined ? undefined : (problemOfSyntax(expression) ?? unknownToProxies(expression));
  return problem === undefined ? [] : [{ field, reason: `must be a regular expression in RE2's syntax: ${problem}` }];
}

function problemOfSyntax(expression: string): string | undefined {
  try {
    RE2JS.compile(expression);
    return undefined;
  } catch (error) {
    return shortened((error as Error).message.replace('error parsing regexp: ', ''));
  }
}

/** It repeats what it could not read. */
function shortened(message: string): string {
  return message.length > 200 ? `${message.slice(0, 200)}…` : message;
}

/** Texts that mean themselves, escapes of bytes, which are all that proxies look at, and an escape that only some readers know. */
const quotedOrStrange = /\\Q[\s\S]*?(?:\\E|$)|\\x\{0*[1-9A-Fa-f][\dA-Fa-f]{2,}\}|\\[\s\S]/g;

function unknownToProxies(expression: string): string | undefined {
  const strange = expression.match(quotedOrStrange)?.find((part) => part === '\\_' || part.startsWith('\\x{'));
  return strange && `invalid escape sequence: \`${strange}\``;
}
