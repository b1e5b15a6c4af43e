import type { ResourceDraft } from '../../resources/resource.ts';
import { type MeshSnapshot, noEffectWarnings } from '../../snapshot/index.ts';
import type { PolicySpec } from '../../target-ref/policy-spec.ts';
import { passthroughWarnings } from '../mesh-passthrough/merged-warnings.ts';
import { contradictionWarnings } from './contradictions.ts';
import { hiddenItemWarnings } from './hidden-items.ts';
import { hiddenMatchWarnings } from './hidden-matches.ts';
import { idleDenialWarnings } from './idle-denials.ts';
import { idleHashWarnings } from './idle-hashes.ts';
import { overruledWarnings } from './overruled.ts';
import { repeatedItemWarnings } from './repeated-items.ts';
import { costlyValueWarnings, uselessValueWarnings } from './value-warnings.ts';
import { withoutBackendWarnings } from './without-backend.ts';

/**
 * What to tell whoever writes a policy that is legal: what of it has no effect in the mesh as it is, costs more than one may
 * expect, or is at odds with other policies.
 */
export function policyWarnings(snapshot: MeshSnapshot, policy: ResourceDraft<PolicySpec>): readonly string[] {
  return [
    ...noEffectWarnings(snapshot, policy),
    ...uselessValueWarnings(snapshot, policy),
    ...costlyValueWarnings(policy),
    ...contradictionWarnings(snapshot, policy),
    ...passthroughWarnings(snapshot, policy),
    ...overruledWarnings(snapshot, policy),
    ...repeatedItemWarnings(snapshot, policy),
    ...hiddenItemWarnings(snapshot, policy),
    ...idleDenialWarnings(snapshot, policy),
    ...withoutBackendWarnings(snapshot, policy),
    ...hiddenMatchWarnings(snapshot, policy),
    ...idleHashWarnings(snapshot, policy),
  ];
}
