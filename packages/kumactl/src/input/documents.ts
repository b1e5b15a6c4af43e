import { parseAllDocuments } from 'yaml';
import { CliError } from '../cli-error.ts';
import type { InputText } from './read-input.ts';

/** One YAML document with the place it stands at. */
export interface InputDocument {
  /** File, and the number of the document where there are several. */
  readonly source: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Replaces `{{ key }}`; a variable that is not given is left as it stands. */
export function fillTemplate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, key: string) => variables[key] ?? whole);
}

/** The lines behind it show the place, which it names. */
function firstLine({ message }: Error): string {
  return message.split('\n')[0]!.replace(/:$/, '');
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
    const documents = parseAllDocuments(fillTemplate(input.text, variables));
    const several = documents.length > 1;
    for (const [index, document] of documents.entries()) {
      const source = several ? `${input.source} (document ${index + 1})` : input.source;
      if (document.errors.length > 0) {
        problems.push(...document.errors.map((error) => `${source}: ${firstLine(error)}`));
        continue;
      }
      const value: unknown = document.toJS();
      if (value === null) continue;
      if (typeof value !== 'object' || Array.isArray(value)) problems.push(`${source}: expected a resource with type and name`);
      else found.push({ source, value: value as Record<string, unknown> });
    }
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
