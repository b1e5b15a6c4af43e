import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { selectorOf } from '../target-ref/selector-of.ts';
import { labelSelector, tagSelector } from './dataplane-facts.ts';

/** Index keys of which a dataplane has every one when a reference selects it. None: it may be any dataplane. */
export function selectorKeys(ref: TargetRef | undefined): readonly string[] {
  if (ref === undefined) return [];
  const labels = ref.kind === 'Dataplane' ? ref.labels : undefined;
  return [
    ...Object.entries(labels ?? {}).map(([label, value]) => labelSelector(label, value)),
    ...Object.entries(selectorOf(ref)).map(([tag, value]) => tagSelector(tag, value === '*' ? undefined : value)),
  ];
}
