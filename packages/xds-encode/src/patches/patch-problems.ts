import type { DescMessage } from '@bufbuild/protobuf';
import type { MeshProxyPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import type { Problem } from '@kuma-mesh/core-model/resources/resource.ts';
import { isDeeperThan } from '@kuma-mesh/core-model/resources/sanitise.ts';
import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { messageOf, type Part, partsOf, readValue } from './change.ts';
import { definitionProblems, type Extent } from './constraint-problems.ts';
import { encodedMessage } from './encoded-message.ts';
import { isObject, type JsonObject } from './json.ts';
import { type MessageProblem, problemText } from './message-problems.ts';
import { stepProblems } from './pointer-problems.ts';

/** No message of Envoy's comes near. */
const deepest = 64;

/** Nobody reads more at a time. */
const mostProblems = 100;

/**
 * What Envoy's API has against the specification of a MeshProxyPatch, as far as that can be read: one modification at a time,
 * as each takes up to a millisecond.
 */
export function* patchProblems(spec: unknown): Iterable<readonly Problem[]> {
  const modifications = (spec as MeshProxyPatch | undefined)?.default?.appendModifications;
  if (!Array.isArray(modifications)) return;
  let more = -mostProblems;
  for (const [index, modification] of (modifications as readonly unknown[]).entries()) {
    if (!isObject(modification)) continue;
    const at = `spec.default.appendModifications[${index}]`;
    const problems = partsOf.flatMap((part) => modProblems(part, modification[part], `${at}.${part}`));
    yield more < 0 ? problems.slice(0, -more) : [];
    more += problems.length;
  }
  if (more > 0) yield [{ field: '', reason: `${more} more problems are not listed` }];
}

function modProblems(part: Part, mod: unknown, at: string): Problem[] {
  if (!isObject(mod)) return [];
  const { value, operation, jsonPatches } = mod;
  const schema = schemaOf(messageOf[part])!;
  const values = typeof value === 'string' ? valueProblems(schema, value, operation === 'Patch' ? 'part' : 'whole') : [];
  const steps = Array.isArray(jsonPatches) && !isFilter(part) ? jsonPatches : [];
  return [
    ...values.map((problem) => ({ field: `${at}.value`, reason: problemText(problem) })),
    ...steps.flatMap((step: unknown, index) =>
      stepProblems(schema, isObject(step) ? step : {}).map(({ field, problem }) => ({
        field: `${at}.jsonPatches[${index}].${field}`,
        reason: problemText(problem),
      })),
    ),
  ];
}

/** Steps for a filter are about its configuration, whose type only the filter tells. */
function isFilter(part: Part): boolean {
  return part === 'networkFilter' || part === 'httpFilter';
}

function unreadable(schema: DescMessage, json: JsonObject): MessageProblem[] {
  try {
    encodedMessage(schema, json);
    return [];
  } catch (error) {
    return [{ at: [], reason: (error as Error).message }];
  }
}

function valueProblems(schema: DescMessage, text: string, extent: Extent): MessageProblem[] {
  let json: JsonObject;
  try {
    json = readValue(text);
  } catch (error) {
    return [{ at: [], reason: (error as Error).message }];
  }
  if (isDeeperThan(deepest, json)) return [{ at: [], reason: `must not be nested deeper than ${deepest} levels` }];
  const problems = definitionProblems(schema, json, extent);
  if (problems.length === 0) problems.push(...unreadable(schema, json));
  if (extent === 'part' || schema.typeName !== messageOf.listener || (json.name ?? '') !== '') return problems;
  // Envoy would give it a name that nobody knows, under which it stays for good.
  return [...problems, { at: ['name'], reason: 'must be set: what has no name cannot be taken away again' }];
}
