/** An operator as another one names it in its argument. */
export interface Alternative {
  readonly name: string;
  readonly argument?: string;
  readonly maxLength?: number;
}

/** The operators of which `%COALESCE(argument)%` takes the first with a value; undefined where the argument is no such list. */
export function alternatives(argument: string): readonly Alternative[] | undefined {
  const operators = (readJson(argument) as { operators?: unknown } | null | undefined)?.operators;
  if (!Array.isArray(operators) || operators.length === 0) return undefined;
  const all = operators.map(alternative);
  return all.every((each) => each !== undefined) ? all : undefined;
}

function alternative(entry: unknown): Alternative | undefined {
  if (typeof entry === 'string') return { name: entry };
  const { command, param, max_length: length } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof command !== 'string') return undefined;
  if (param !== undefined && typeof param !== 'string') return undefined;
  if (length !== undefined && !(typeof length === 'number' && Number.isInteger(length) && length > 0)) return undefined;
  return { name: command, ...(param !== undefined && { argument: param }), ...(length !== undefined && { maxLength: length }) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
