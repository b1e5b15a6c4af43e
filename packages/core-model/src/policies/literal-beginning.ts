/** The text that all begins with that a regular expression (RE2) matches as a whole, as far as that is plain to see. */
export function literalBeginning(expression: string): string {
  // What stands on the other side may begin in another way.
  if (expression.includes('|') || expression.startsWith('(?')) return '';
  const [plain = ''] = /^\^?(?:[^\\.^$*+?()[\]{}]|\\[^\p{L}\p{N}])*/u.exec(expression) ?? [];
  const rest = expression.slice(plain.length);
  const mayBeAbsent = /^[*?{]/.test(rest);
  const text = plain.replace(/^\^/, '').replace(/\\(.)/gu, '$1');
  return mayBeAbsent ? [...text].slice(0, -1).join('') : text;
}
