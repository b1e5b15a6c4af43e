import type { DescMessage } from '@bufbuild/protobuf';
import type { MeshProxyPatch, MeshProxyPatch_Modification } from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import type { Problem } from '@kuma-mesh/core-model/resources/resource.ts';
import { isDeeperThan } from '@kuma-mesh/core-model/resources/sanitise.ts';
import { messageFromJson, schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { type Part, partsOf, readValue } from './change.ts';
import { constraintProblems } from './constraint-problems.ts';
import type { JsonObject } from './json.ts';
import { type MessageProblem, messageProblems, problemText } from './message-problems.ts';
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

/** What Envoy's API has against a policy that is well-formed otherwise. */
export function patchProblems(spec: MeshProxyPatch): Problem[] {
  return (spec.default?.appendModifications ?? []).flatMap((modification, index) =>
    partsOf.flatMap((part) => modProblems(part, modification, `spec.default.appendModifications[${index}].${part}`)),
  );
}

function modProblems(part: Part, modification: MeshProxyPatch_Modification, at: string): Problem[] {
  const mod = modification[part];
  if (mod === undefined) return [];
  const schema = schemaOf(messages[part])!;
  const values = mod.value === undefined ? [] : valueProblems(schema, mod.value, mod.operation !== 'Patch');
  return [
    ...values.map((problem) => ({ field: `${at}.value`, reason: problemText(problem) })),
    ...(isFilter(part) ? [] : (mod.jsonPatches ?? [])).flatMap((step, index) =>
      stepProblems(schema, step).map(({ field, problem }) => ({
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

function valueProblems(schema: DescMessage, text: string, whole: boolean): MessageProblem[] {
  let json: JsonObject;
  try {
    json = readValue(text);
  } catch (error) {
    return [{ at: [], reason: (error as Error).message }];
  }
  if (isDeeperThan(deepest, json)) return [{ at: [], reason: `must not be nested deeper than ${deepest} levels` }];
  const problems = messageProblems(schema, json);
  return problems.length > 0 || !whole ? problems : constraintProblems(schema, messageFromJson(schema, json as never));
}
