import { fieldPath, type Path } from '../resources/field-path.ts';
import type { PolicyItem, PolicyResource, PolicyRule, PolicySpec } from '../target-ref/policy-spec.ts';
import { policies } from './index.ts';

/** Values of a policy that others beside them, or their absence, keep from being of any use, whatever the mesh is like. */
export function uselessValueWarnings({ type, spec }: Pick<PolicyResource, 'type' | 'spec'>): readonly string[] {
  const { useless } = policies.find(({ kind }) => kind === type) ?? {};
  if (useless === undefined) return [];
  return placedConfs(spec).flatMap(({ conf, at, ofSome }) =>
    useless(conf as never, ofSome).map(({ path, why }) => `field '${fieldPath(...at, ...path)}' ${why}`),
  );
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
  /** For clients that match a condition. */
  readonly ofSome: boolean;
}

function placedConfs(spec: PolicySpec): readonly PlacedConf[] {
  const ofItems = (['to', 'from', 'rules'] as const).flatMap((part) =>
    (spec[part] ?? []).map((item, i) => placedConf(item, ['spec', part, i])),
  );
  const whole = spec.default === undefined ? [] : [{ conf: spec.default, at: ['spec', 'default'], ofSome: false }];
  return [...whole, ...ofItems];
}

/** Routes have their `rules` where others have a `default`. */
function placedConf(item: Pick<PolicyItem, 'rules' | 'default'> & Pick<PolicyRule, 'matches'>, at: Path): PlacedConf {
  const { rules, matches = [], default: conf = {} } = item;
  const ofSome = matches.length > 0;
  return rules === undefined ? { conf, at: [...at, 'default'], ofSome } : { conf: { rules }, at, ofSome };
}
