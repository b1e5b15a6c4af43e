import { fieldPath, type Path } from '../../resources/field-path.ts';
import type { ResourceDraft } from '../../resources/resource.ts';
import type { MeshSnapshot } from '../../snapshot/mesh-snapshot.ts';
import type { PolicyItem, PolicyResource, PolicyRule, PolicySpec } from '../../target-ref/policy-spec.ts';
import { policies } from '../index.ts';
import type { SaidOf, Useless } from '../policy.ts';
import { asWritten, rulesWith } from './rules-with.ts';

/**
 * Values of a policy that others beside them, or their absence, keep from being of any use: whatever the mesh is like, or, where
 * they lack something, unless another policy says it for some proxy as the mesh is now.
 */
export function uselessValueWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  const { useless } = policies.find(({ kind }) => kind === policy.type) ?? {};
  if (useless === undefined) return [];
  const found = placedConfs(policy.spec).flatMap(({ conf, at, saidOf }) =>
    useless(conf as never, saidOf).map((value) => ({ ...value, conf, at })),
  );
  const lacking = found.some(({ lacks }) => lacks);
  const merged = lacking ? [...rulesWith(asWritten(snapshot, policy), snapshot)] : [];
  const isCompleted = ({ conf, path }: (typeof found)[number]) =>
    merged.some((rule) => rule.items.some((item) => item.conf === conf) && !isUseless(path, useless(rule.conf as never, ofAll)));
  return found
    .filter((value) => !value.lacks || !isCompleted(value))
    .map(({ at, path, why }) => `field '${fieldPath(...at, ...path)}' ${why}`);
}

function isUseless(path: Path, all: readonly Useless[]): boolean {
  return all.some((value) => fieldPath(...value.path) === fieldPath(...path));
}

/** Values of a policy that cost more than one may expect, whatever the mesh is like. */
export function costlyValueWarnings({ type, spec }: Pick<PolicyResource, 'type' | 'spec'>): readonly string[] {
  const { costly } = policies.find(({ kind }) => kind === type) ?? {};
  if (costly === undefined) return [];
  return placedConfs(spec).flatMap(({ conf, at }) =>
    costly(conf as never).map(({ path, price }) => `field '${fieldPath(...at, ...path)}' ${price}`),
  );
}

interface PlacedConf {
  readonly conf: unknown;
  readonly at: Path;
  readonly saidOf: SaidOf;
}

const ofAll: SaidOf = { someClients: false, route: false };

function placedConfs(spec: PolicySpec): readonly PlacedConf[] {
  const ofItems = (['to', 'from', 'rules'] as const).flatMap((part) =>
    (spec[part] ?? []).map((item, i) => placedConf(item, ['spec', part, i], spec.targetRef)),
  );
  const whole = spec.default === undefined ? [] : [{ conf: spec.default, at: ['spec', 'default'], saidOf: ofAll }];
  return [...whole, ...ofItems];
}

/** Routes have their `rules` where others have a `default`. */
function placedConf(item: PolicyItem & Pick<PolicyRule, 'matches'>, at: Path, target: PolicySpec['targetRef']): PlacedConf {
  const { rules, matches = [], default: conf = {} } = item;
  const route = [target, item.targetRef].some((ref) => ref?.kind === 'MeshHTTPRoute');
  const saidOf = { someClients: matches.length > 0, route };
  return rules === undefined ? { conf, at: [...at, 'default'], saidOf } : { conf: { rules }, at, saidOf };
}
