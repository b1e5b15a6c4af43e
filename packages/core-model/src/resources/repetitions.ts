/** Escapes, classes of characters, counts such as {2,5}, and single characters. */
const tokens = /\\.|\[\^?\]?(?:\\.|[^\]\\])*(?:\]|$)|\{(\d+)(?:(,)(\d*))?\}|./gs;

/** How often the innermost part of a regular expression may be repeated by counts that stand around each other. */
export function mostRepetitions(expression: string): number {
  // Of each open group, the most that is in it so far.
  const groups = [1];
  let last = 1;
  for (const [token, least, comma, most] of expression.matchAll(tokens)) {
    if (least !== undefined) last *= Math.max(1, Number((comma && most) || least));
    else if (token === ')' && groups.length > 1) last = groups.pop()!;
    else last = 1;
    if (token === '(') groups.push(1);
    else groups.push(Math.max(groups.pop()!, last));
  }
  return Math.max(...groups);
}
