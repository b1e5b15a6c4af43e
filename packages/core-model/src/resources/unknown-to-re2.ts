const posixClasses: ReadonlySet<string> = new Set(
  'alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit'.split(' '),
);
const quotation = /\\Q(.*?)(?:\\E|$)|\\./gs;
/** Escapes and classes of characters; a bracket alone begins a class without an end. */
const parts =
  /\\(?:[pPx]\{[^}]*\}?|[pP].?|x[\da-fA-F]{0,2}|.)|\[(?:\^?\]|\^(?!\])|(?![\]^]))(?:\[:\^?\w*:\]|\\.|(?!\[:\^?\w*:\])[^\]\\])*\]|\[/gs;
const partsOfClass = /\\(?:[pPx]\{[^}]*\}?|[pP].?|x[\da-fA-F]{0,2}|.)|\[:\^?\w*:\]/gs;
/** Of what these mean, nothing is a character. */
const notInClass = /^\\[bBAzQEC]$/;

/** An expression with a letter in place of each text between `\\Q` and `\\E`, which JavaScript does not know. */
export function withoutQuotations(expression: string): string {
  return expression.replaceAll(
    quotation,
    (part, text: string | undefined) => (part.startsWith('\\Q') ? text && 'q' : part) ?? '',
  );
}

/** @returns the part of an expression that JavaScript takes, in a meaning of its own, and RE2 does not */
export function unknownToRe2(expression: string): string | undefined {
  const unquoted = expression.replaceAll(quotation, (part) => (part.startsWith('\\Q') ? '' : part));
  for (const [part] of unquoted.matchAll(parts)) {
    const within = part.startsWith('[') ? [...part.matchAll(partsOfClass)].map(([inner]) => inner) : [];
    const unknown = part === '[' || !isKnown(part) ? part : within.find((inner) => notInClass.test(inner) || !isKnown(inner));
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

function isKnown(part: string): boolean {
  const [, unicode] = /^\\[pP]\{?\^?([^}]*)/.exec(part) ?? [];
  if (unicode !== undefined) return /^\\[pP](?:[^{]|\{.*\})$/s.test(part) && isUnicodeClass(unicode);
  const [, posix] = /^\[:\^?(\w*):\]$/.exec(part) ?? [];
  if (posix !== undefined) return posixClasses.has(posix);
  return !part.startsWith('\\x') || /^\\x(?:[\da-fA-F]{2}|\{0*[\da-fA-F]{1,2}\})$/.test(part);
}

/** A general category by its short name, or a script. */
function isUnicodeClass(name: string): boolean {
  if (name === 'Any') return true;
  try {
    new RegExp(`\\p{${/^[A-Z][a-z]?$/.test(name) ? 'gc' : 'sc'}=${name}}`, 'u');
    return true;
  } catch {
    return false;
  }
}
