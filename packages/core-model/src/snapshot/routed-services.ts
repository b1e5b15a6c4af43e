import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { fieldPath, valueAt } from '../resources/field-path.ts';
import type { WrittenPolicy } from '../target-ref/policy-spec.ts';
import type { Selecting } from '../target-ref/select-proxy.ts';
import { isStated } from './idle-settings.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { settingsOfCalls } from './settings-of-calls.ts';
import { isCalledBySome, isReachedBySome } from './uncalled-services.ts';

/** What is said of calls of a service that nobody calls itself, as routes of others lead there: theirs counts. */
export function routedServices(snapshot: MeshSnapshot, policy: WrittenPolicy): string[] {
  return (policy.spec.to ?? []).flatMap(({ targetRef, default: conf }, i) => {
    const { name = '' } = targetRef ?? {};
    const { what, settings } = settingsOfCalls(snapshot.services.get(name));
    const stated = (settings[policy.type] ?? []).filter((path) => isStated(valueAt(conf, path)));
    if (stated.length === 0 || !targetRef || !isOnlyRoutedTo(snapshot, policy, targetRef)) return [];
    const why = `only routes of other services lead to MeshService "${name}" now, and what is said of those counts for their ${what}`;
    return stated.map((path) => `field '${fieldPath('spec', 'to', i, 'default', ...path)}' has no effect: ${why}`);
  });
}

function isOnlyRoutedTo(snapshot: MeshSnapshot, policy: Selecting, ref: TargetRef): boolean {
  const { kind, name = '' } = ref;
  if (kind !== 'MeshService' && kind !== 'MeshServiceSubset') return false;
  return !isCalledBySome(snapshot, policy, name) && isReachedBySome(snapshot, policy, name);
}
