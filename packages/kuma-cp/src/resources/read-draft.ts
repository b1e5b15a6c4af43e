import { type Expected, parseResource } from '@kuma-mesh/core-model/resources/parse.ts';
import type { Problem, ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { patchProblems } from '@kuma-mesh/xds-encode/patches/patch-problems.ts';
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
  const problems = [...(parsed.ok ? [] : parsed.problems), ...envoyProblems(json)];
  if (parsed.ok && problems.length === 0) return parsed;
  throw problems.some(({ kind }) => kind === 'malformed') ? malformed(problems) : invalid(problems);
}

/** What is said in Envoy's words is checked by who knows Envoy. */
function envoyProblems(json: unknown): readonly Problem[] {
  const { type, spec } = (json ?? {}) as { readonly type?: unknown; readonly spec?: unknown };
  return type === 'MeshProxyPatch' ? patchProblems(spec) : [];
}

export function invalid(problems: readonly Problem[]): ResourceError {
  return new ResourceError('invalid', 'Resource is not valid', problems);
}

/** Existing clients get no list of fields with this one, so the message itself names them. */
function malformed(problems: readonly Problem[]): ResourceError {
  const all = problems.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`)).join('; ');
  return new ResourceError('malformed', all, problems);
}
