import { type Document, isCollection, parseAllDocuments, visit } from 'yaml';
import { CliError } from '../cli-error.ts';
import type { InputText } from './read-input.ts';

/** One YAML document with the place it stands at. */
export interface InputDocument {
  /** File, and the number of the document where there are several. */
  readonly source: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const placeholder = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** Replaces `{{ key }}`; a variable that is not given is left as it stands. */
export function fillTemplate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(placeholder, (whole, key: string) => variables[key] ?? whole);
}

/** What the parser says behind the first mistake other than a repeated key comes of that mistake. */
function syntaxProblems({ errors }: Document.Parsed): readonly string[] {
  const last = errors.findIndex(({ code }) => code !== 'DUPLICATE_KEY');
  return (last === -1 ? errors : errors.slice(0, last + 1)).map(({ message }) => firstLine(message));
}

/** The lines behind it show the place, which it names. */
function firstLine(message: string): string {
  return message.split('\n')[0]!.replace(/:$/, '');
}

/** @returns what is wrong with the document where it is no value */
function readValue(document: Document.Parsed): { value: unknown } | { problems: readonly string[] } {
  const syntax = syntaxProblems(document);
  if (syntax.length > 0) return { problems: syntax };
  const keys: string[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isCollection(key)) keys.push(`a key must be text, not ${String(key)}`);
    },
  });
  if (keys.length > 0) return { problems: keys };
  try {
    return { value: document.toJS() };
  } catch (error) {
    // Names of anchors, and what they stand for, are looked up only now.
    return { problems: [firstLine((error as Error).message)] };
  }
}

/** Variables without a value are told where the text is no YAML: elsewhere braces may be meant. */
function missingVariables(text: string): readonly string[] {
  const keys = new Set([...text.matchAll(placeholder)].map((match) => match[1]!));
  return [...keys].map((key) => `{{ ${key} }} has no value; give it with --var ${key}=...`);
}

/**
 * Splits texts into documents.
 * @throws CliError with every document that is not YAML of an object
 */
export function parseDocuments(
  inputs: readonly InputText[],
  variables: Readonly<Record<string, string>>,
): readonly InputDocument[] {
  const problems: string[] = [];
  const found: InputDocument[] = [];
  for (const input of inputs) {
    const text = fillTemplate(input.text, variables);
    // Keys `<<` take over what an anchor says, as in YAML 1.1 that Kuma reads.
    const documents = parseAllDocuments(text, { merge: true });
    const several = documents.length > 1;
    const before = problems.length;
    for (const [index, document] of documents.entries()) {
      const source = several ? `${input.source} (document ${index + 1})` : input.source;
      const read = readValue(document as Document.Parsed);
      if ('problems' in read) problems.push(...read.problems.map((problem) => `${source}: ${problem}`));
      else if (read.value === null) continue;
      else if (typeof read.value !== 'object' || Array.isArray(read.value)) {
        problems.push(`${source}: expected a resource with type and name`);
      } else found.push({ source, value: read.value as Record<string, unknown> });
    }
    if (problems.length > before) problems.push(...missingVariables(text).map((problem) => `${input.source}: ${problem}`));
  }
  if (problems.length > 0) {
    throw new CliError({
      code: 'YAML_INVALID',
      message: `invalid YAML, nothing was applied\n${problems.map((each) => `* ${each}`).join('\n')}`,
    });
  }
  if (found.length === 0) throw new CliError({ code: 'INPUT_EMPTY', message: 'there is no resource in the input' });
  return found;
}
