import { type Expected, parseResource } from '@kuma-mesh/core-model/resources/parse.ts';
import type { Problem, ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { ResourceError } from './resource-error.ts';

/**
 * Reads a resource in the HTTP API's JSON shape.
 * @throws ResourceError `malformed` when a part cannot be read at all, else `invalid`; with all problems
 */
export function readDraft(
  json: unknown,
  expected: Expected,
): { readonly draft: ResourceDraft; readonly warnings: readonly string[] } {
  const parsed = parseResource(json, expected);
  if (parsed.ok) return parsed;
  throw parsed.problems.some(({ kind }) => kind === 'malformed') ? malformed(parsed.problems) : invalid(parsed.problems);
}

export function invalid(problems: readonly Problem[]): ResourceError {
  return new ResourceError('invalid', 'Resource is not valid', problems);
}

/** Existing clients get no list of fields with this one, so the message itself names them. */
function malformed(problems: readonly Problem[]): ResourceError {
  const all = problems.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`)).join('; ');
  return new ResourceError('malformed', all, problems);
}
