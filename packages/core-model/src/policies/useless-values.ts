import { fieldPath, type Path } from '../resources/field-path.ts';
import type { PolicyItem, PolicyResource, PolicySpec } from '../target-ref/policy-spec.ts';
import { policies } from './index.ts';

/** Values of a policy that others beside them, or their absence, keep from being of any use, whatever the mesh is like. */
export function uselessValueWarnings({ type, spec }: Pick<PolicyResource, 'type' | 'spec'>): readonly string[] {
  const { useless } = policies.find(({ kind }) => kind === type) ?? {};
  if (useless === undefined) return [];
  return placedConfs(spec).flatMap(({ conf, at }) =>
    useless(conf as never).map(({ path, why }) => `field '${fieldPath(...at, ...path)}' ${why}`),
  );
}

interface PlacedConf {
  readonly conf: unknown;
  readonly at: Path;
}

function placedConfs(spec: PolicySpec): readonly PlacedConf[] {
  const ofItems = (['to', 'from', 'rules'] as const).flatMap((part) =>
    (spec[part] ?? []).map((item, i) => placedConf(item, ['spec', part, i])),
  );
  return [...(spec.default === undefined ? [] : [{ conf: spec.default, at: ['spec', 'default'] }]), ...ofItems];
}

/** Routes have their `rules` where others have a `default`. */
function placedConf({ rules, default: conf = {} }: Pick<PolicyItem, 'rules' | 'default'>, at: Path): PlacedConf {
  return rules === undefined ? { conf, at: [...at, 'default'] } : { conf: { rules }, at };
}
