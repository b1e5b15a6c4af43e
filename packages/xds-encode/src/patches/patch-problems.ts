import type { DescMessage } from '@bufbuild/protobuf';
import type { MeshProxyPatch } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import type { Problem } from '@kuma-mesh/core-model/resources/resource.ts';
import { isDeeperThan } from '@kuma-mesh/core-model/resources/sanitise.ts';
import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { type Part, partsOf, readValue } from './change.ts';
import { definitionProblems, type Extent } from './constraint-problems.ts';
import { isObject, type JsonObject } from './json.ts';
import { type MessageProblem, problemText } from './message-problems.ts';
import { stepProblems } from './pointer-problems.ts';

/** Messages that modifications are about. */
const messages: Readonly<Record<Part, string>> = {
  cluster: 'envoy.config.cluster.v3.Cluster',
  listener: 'envoy.config.listener.v3.Listener',
  networkFilter: 'envoy.config.listener.v3.Filter',
  httpFilter: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
  virtualHost: 'envoy.config.route.v3.VirtualHost',
};

/** No message of Envoy's comes near. */
const deepest = 64;

/** Nobody reads more at a time. */
const mostProblems = 100;

/** What Envoy's API has against the specification of a MeshProxyPatch, as far as that can be read. */
export function patchProblems(spec: unknown): Problem[] {
  const modifications = (spec as MeshProxyPatch | undefined)?.default?.appendModifications;
  if (!Array.isArray(modifications)) return [];
  const problems = modifications.flatMap((modification: unknown, index) =>
    isObject(modification)
      ? partsOf.flatMap((part) => modProblems(part, modification[part], `spec.default.appendModifications[${index}].${part}`))
      : [],
  );
  const more = problems.length - mostProblems;
  if (more <= 0) return problems;
  return [...problems.slice(0, mostProblems), { field: '', reason: `${more} more problems are not listed` }];
}

function modProblems(part: Part, mod: unknown, at: string): Problem[] {
  if (!isObject(mod)) return [];
  const { value, operation, jsonPatches } = mod;
  const schema = schemaOf(messages[part])!;
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

function valueProblems(schema: DescMessage, text: string, extent: Extent): MessageProblem[] {
  let json: JsonObject;
  try {
    json = readValue(text);
  } catch (error) {
    return [{ at: [], reason: (error as Error).message }];
  }
  if (isDeeperThan(deepest, json)) return [{ at: [], reason: `must not be nested deeper than ${deepest} levels` }];
  const problems = definitionProblems(schema, json, extent);
  if (extent === 'part' || schema.typeName !== messages.listener || (json.name ?? '') !== '') return problems;
  // Envoy would give it a name that nobody knows, under which it stays for good.
  return [...problems, { at: ['name'], reason: 'must be set: what has no name cannot be taken away again' }];
}
