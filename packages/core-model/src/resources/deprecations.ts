import { deprecatedFields } from '../generated/deprecations.ts';
import { fieldPath } from './field-path.ts';
import { kindByName } from './registry.ts';

/** Kinds of the top-level targetRef that select proxies by their tags. */
const selectByTags: ReadonlySet<unknown> = new Set(['MeshSubset', 'MeshService', 'MeshServiceSubset']);

/**
 * Warnings for the deprecated fields that a resource uses.
 * @param json the resource as the HTTP API shows it
 */
export function deprecationWarnings(type: string, json: unknown): string[] {
  const fields = (deprecatedFields[type] ?? []).flatMap(({ path, advice }) =>
    uses(json, path, []).map((field) => `field '${field}' is deprecated: ${advice}`),
  );
  return [...fields, ...policyWarnings(type, json)];
}

/** What all policies have in common, and newer forms replace. */
function policyWarnings(type: string, json: unknown): string[] {
  const policy = kindByName(type)?.policy;
  if (!policy) return [];
  const { spec } = json as {
    readonly spec?: { readonly targetRef?: { readonly kind?: unknown }; readonly from?: readonly unknown[] };
  };
  const kind = spec?.targetRef?.kind;
  return [
    ...(selectByTags.has(kind)
      ? [`value '${kind}' of field 'spec.targetRef.kind' is deprecated: use Dataplane, which selects proxies by their labels`]
      : []),
    ...(policy.fromAsRules && spec?.from?.length ? ["field 'spec.from' is deprecated: use rules"] : []),
  ];
}

function uses(value: unknown, path: readonly string[], at: readonly (string | number)[]): string[] {
  const [head, ...rest] = path;
  if (head === undefined) return value === undefined ? [] : [fieldPath(...at)];
  if (head === '*') {
    // A deprecated list is reported once, and not once an item.
    if (!Array.isArray(value)) return [];
    return rest.length === 0 ? [fieldPath(...at)] : value.flatMap((item, index) => uses(item, rest, [...at, index]));
  }
  if (typeof value !== 'object' || value === null) return [];
  return uses((value as Record<string, unknown>)[head], rest, [...at, head]);
}
