import { fieldPath } from './field-path.ts';
import { nearest } from './nearest.ts';
import type { Problem } from './resource.ts';

/** A validator that ajv compiled; `errors` belong to its last call. */
export interface SchemaValidator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** What our schemas use of ajv's `ErrorObject`. */
interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly schema?: unknown;
  readonly parentSchema?: {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly expected?: { readonly format: string; readonly text: string };
  };
  readonly data?: unknown;
}

/** Where in the value a problem is: keys and indexes from the root. */
export interface LocatedProblem extends Problem {
  readonly location: readonly (string | number)[];
  /** An unknown field that is not like any known one: whatever it is, it is none of those written wrongly. */
  readonly stray?: boolean;
  /** Of a list that is too long, whose items may be right all the same. */
  readonly tooLong?: boolean;
  /** Path of the known field that an unknown one is like. */
  readonly meant?: string;
}

/** Formats whose violation means that the value cannot be read, as a wrong JSON type does. */
const unreadable: ReadonlySet<string> = new Set(['Duration', 'Lifetime', 'Base64']);

/**
 * What the schema finds wrong with `value`.
 * @returns `limit` problems at most, and how many there are beside them
 */
export function schemaProblems(
  validate: SchemaValidator,
  value: unknown,
  limit: number,
): { readonly problems: readonly LocatedProblem[]; readonly more: number } {
  if (validate(value)) return { problems: [], more: 0 };
  const errors = (validate.errors ?? []).filter(saysMore);
  const problems = errors.slice(0, limit).map((error) => {
    const location = locate(error, value);
    const { guess, ...problem } = describe(error);
    const meant = guess && fieldPath(...location.slice(0, -1), guess);
    const tooLong = error.keyword === 'maxItems';
    return { field: fieldPath(...location), location, ...problem, ...(meant && { meant }), ...(tooLong && { tooLong }) };
  });
  return { problems, more: Math.max(0, errors.length - limit) };
}

/** That a value is none of an enumeration says nothing more where it is not even text. */
function saysMore({ keyword, data }: SchemaError): boolean {
  return keyword !== 'enum' || typeof data === 'string';
}

/** Turns a JSON pointer into keys and indexes; the field an error is about where that is a member of the place it names. */
function locate(error: SchemaError, root: unknown): (string | number)[] {
  const location: (string | number)[] = [];
  let at: unknown = root;
  for (const escaped of error.instancePath.split('/').slice(1)) {
    const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    location.push(Array.isArray(at) ? Number(key) : key);
    at = (at as Record<string, unknown>)[key];
  }
  const member = error.params.additionalProperty ?? error.params.missingProperty;
  if (typeof member === 'string') location.push(member);
  return location;
}

function describe(error: SchemaError): Pick<LocatedProblem, 'reason' | 'kind' | 'stray'> & { readonly guess?: string } {
  const expected = error.parentSchema?.expected;
  switch (error.keyword) {
    case 'type': {
      const isScalar = typeof error.data !== 'object';
      const got = isScalar && expected?.format !== 'Base64' ? `; got ${shown(error.data)}` : '';
      return { reason: `must be ${typeName(error.schema)}, not ${jsonType(error.data)}${got}`, kind: 'malformed' };
    }
    case 'additionalProperties': {
      const known = Object.keys(error.parentSchema?.properties ?? {});
      const guess = nearest(String(error.params.additionalProperty), known);
      if (guess) return { reason: `unknown field; did you mean ${guess}?`, guess };
      const hint = known.length > 0 ? `known here: ${known.join(', ')}` : 'no fields are known here';
      return { reason: `unknown field; ${hint}`, stray: true };
    }
    case 'required':
      return { reason: 'must be set' };
    case 'enum':
      return { reason: `must be one of ${(error.params.allowedValues as string[]).join(', ')}; got ${shown(error.data)}` };
    case 'pattern': {
      if (expected === undefined && error.data === '') return { reason: 'must not be empty' };
      // Base64 fields are secrets: their values never get into a message.
      const got = expected?.format === 'Base64' ? '' : `; got ${shown(error.data)}`;
      return {
        reason: `must be ${expected?.text ?? `text that matches ${error.params.pattern}`}${got}`,
        ...(expected && unreadable.has(expected.format) && { kind: 'malformed' as const }),
      };
    }
    case 'minimum':
    case 'maximum': {
      const limit = error.keyword === 'minimum' ? 'at least' : 'at most';
      return { reason: `must be ${expected?.text ?? `${limit} ${error.params.limit}`}; got ${shown(error.data)}` };
    }
    case 'minItems':
    case 'maxItems': {
      const limit = error.keyword === 'minItems' ? 'at least' : 'at most';
      return { reason: `must have ${limit} ${error.params.limit} ${error.params.limit === 1 ? 'item' : 'items'}` };
    }
    default:
      throw new Error(`schemas use the keyword ${error.keyword}; teach it to schema-problems.ts`);
  }
}

function typeName(type: unknown): string {
  const article = {
    integer: 'an integer',
    object: 'an object',
    array: 'a list',
    string: 'a string',
    number: 'a number',
    boolean: 'true or false',
  };
  return [type]
    .flat()
    .map((name) => article[name as keyof typeof article])
    .join(' or ');
}

/** Says what a value is without showing it. */
export function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
