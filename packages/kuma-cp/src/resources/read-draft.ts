import type { MeshProxyPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import { type Expected, type Parsed, parseResource } from '@kuma-mesh/core-model/resources/parse.ts';
import type { Problem, ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import { patchProblems } from '@kuma-mesh/xds-encode/patches/patch-problems.ts';
import { patchWarnings } from '@kuma-mesh/xds-encode/patches/patch-warnings.ts';
import { inSlices } from '../timing/in-slices.ts';
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
  const problems = [...problemsOf(parsed), ...[...envoyProblems(json)].flat()];
  if (parsed.ok && problems.length === 0) return withEnvoyWarnings(parsed);
  throw refusal(problems);
}

/**
 * The same, where what is refused anyhow is held against the store as well, so that all problems come at once. What takes
 * long gives way.
 * @param inStore what the store says against a draft, or against as much of it as can be read
 * @throws ResourceError
 */
export async function readDraftFor(
  json: unknown,
  expected: Expected,
  inStore: (draft: ResourceDraft) => Promise<readonly Problem[]>,
): Promise<ReturnType<typeof readDraft>> {
  const parsed = parseResource(json, expected);
  const problems = [...problemsOf(parsed)];
  for await (const more of inSlices(envoyProblems(json))) problems.push(...more);
  if (parsed.ok && problems.length === 0) return withEnvoyWarnings(parsed);
  const partial = parsed.ok ? { draft: parsed.draft, isReal: () => true } : parsed.partial;
  throw refusal([...problems, ...(partial ? (await inStore(partial.draft)).filter(partial.isReal) : [])]);
}

function problemsOf(parsed: Parsed): readonly Problem[] {
  return parsed.ok ? [] : parsed.problems;
}

function refusal(problems: readonly Problem[]): ResourceError {
  return problems.some(({ kind }) => kind === 'malformed') ? malformed(problems) : invalid(problems);
}

/** What is said in Envoy's words is checked by who knows Envoy. */
function envoyProblems(json: unknown): Iterable<readonly Problem[]> {
  const { type, spec } = (json ?? {}) as { readonly type?: unknown; readonly spec?: unknown };
  return type === 'MeshProxyPatch' ? patchProblems(spec) : [];
}

function withEnvoyWarnings({ draft, warnings }: Extract<Parsed, { readonly ok: true }>): ReturnType<typeof readDraft> {
  if (draft.type !== 'MeshProxyPatch') return { draft, warnings };
  return { draft, warnings: [...warnings, ...patchWarnings(draft.spec as MeshProxyPatch)] };
}

export function invalid(problems: readonly Problem[]): ResourceError {
  return new ResourceError('invalid', 'Resource is not valid', problems);
}

/** Existing clients get no list of fields with this one, so the message itself names them. */
function malformed(problems: readonly Problem[]): ResourceError {
  const all = problems.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`)).join('; ');
  return new ResourceError('malformed', all, problems);
}
