/** What names of metrics consist of: classes of characters come to those of these that are in them. */
const inNames = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:'];

const posix: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  ascii: /./,
  digit: /\d/,
  graph: /./,
  lower: /[a-z]/,
  print: /./,
  punct: /[_:]/,
  upper: /[A-Z]/,
  word: /\w/,
  xdigit: /[0-9A-Fa-f]/,
};

/** What RE2 writes in its own way, and JavaScript in another. */
const others: Readonly<Record<string, string>> = {
  '(?P<': '(?<',
  '\\A': '^',
  '\\z': '$',
  '\\C': '[^]',
  '\\a': '\\x07',
};

const parts =
  /\\Q[\s\S]*?(?:\\E|$)|\\[pP](?:\{[^}]*\}|.)|\\x\{[^}]*\}|\\[\s\S]|\[:\^?[a-z]+:\]|\(\?P<|\(\?[imsU]*(?:-[imsU]+)?[:)]|\[\^?\]?|[\]()|]/g;

/**
 * An expression in RE2's syntax, for names of metrics.
 * @throws SyntaxError where JavaScript has nothing that means the same
 */
export function re2(expression: string): RegExp {
  let inClass = false;
  /** Flags that hold to the end of a group, of each group that is open. They are groups themselves in JavaScript. */
  const flags: string[][] = [[]];
  const closed = () => ')'.repeat(flags.at(-1)!.length);
  const translated = (part: string): string => {
    if (part.startsWith('\\Q')) return literal(part.slice(2).replace(/\\E$/, ''));
    if (/^\\[pP]/.test(part)) return asClass(unicodeClass(part), inClass);
    if (part.startsWith('\\x{')) return `\\x${part.slice(3, -1).padStart(2, '0').slice(-2)}`;
    if (part.startsWith('\\')) return others[part] ?? part;
    if (inClass && part.startsWith('[:')) return asClass(posixClass(part), inClass);
    if (inClass) {
      inClass = part !== ']';
      return part.startsWith('[') ? part.replace('[', '\\[') : part;
    }
    if (part.startsWith('[')) {
      inClass = true;
      // A bracket that comes first is one of the characters.
      return part.replace(']', '\\]');
    }
    if (part === '|') return `${closed()}|${flags.at(-1)!.join('')}`;
    if (part === ')') return `${')'.repeat(flags.pop()?.length ?? 0)})`;
    const ofGroup = /^\(\?([imsU-]*)([:)])$/.exec(part);
    const group = ofGroup ? `(?${flagsOf(ofGroup[1]!)}:` : (others[part] ?? part);
    if (ofGroup?.[2] === ')') flags.at(-1)!.push(group);
    else if (part.startsWith('(')) flags.push([]);
    return group;
  };
  const body = expression.replace(parts, translated);
  return new RegExp(body + closed());
}

/** U changes how much is matched, and not whether something is. */
function flagsOf(text: string): string {
  return text.replaceAll('U', '').replace(/-$/, '');
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function asClass(characters: readonly string[], inClass: boolean): string {
  return inClass ? characters.join('') : `[${characters.join('')}]`;
}

function unicodeClass(part: string): readonly string[] {
  const [, p, not, name] = /^\\([pP])\{?(\^?)(.*?)\}?$/s.exec(part)!;
  const property = name === 'Any' || /^[A-Z][a-z]?$/.test(name!) ? name : `Script=${name}`;
  const isIn = new RegExp(`^\\p{${property}}$`, 'u');
  return inNames.filter((character) => isIn.test(character) === ((p === 'p') === (not === '')));
}

function posixClass(part: string): readonly string[] {
  const [, not, name] = /^\[:(\^?)([a-z]+):\]$/.exec(part)!;
  return inNames.filter((character) => (posix[name!]?.test(character) ?? false) === (not === ''));
}
