import { wellKnown } from '../dataplane/tags.ts';
import type { PolicyResource } from './policy-spec.ts';

/** Whether a policy changes nothing but what those see who ask for it. */
export function isShadow({ labels }: Pick<PolicyResource, 'labels'>): boolean {
  return labels[wellKnown.effect] === 'shadow';
}
