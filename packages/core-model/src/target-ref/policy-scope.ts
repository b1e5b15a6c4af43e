import { wellKnown } from '../dataplane/tags.ts';
import type { PolicyResource } from './policy-spec.ts';
import type { ProxyTarget } from './proxy-target.ts';

/**
 * Whether a policy may select a proxy at all, by where both come from. A consumer's or a workload owner's is for proxies of
 * its own namespace, and for none where it has no namespace. One that a zone wrote is for proxies of that zone, but for a
 * producer's, which is made for callers anywhere.
 */
export function isInScope({ labels }: Pick<PolicyResource, 'labels'>, proxy: ProxyTarget): boolean {
  const role = labels[wellKnown.policyRole];
  const isPrivate = role === 'consumer' || role === 'workload-owner';
  if (isPrivate && !isSame(labels[wellKnown.namespace], proxy.labels[wellKnown.namespace])) return false;
  const ofZone = labels[wellKnown.origin] === 'zone' && proxy.labels[wellKnown.origin] === 'zone';
  if (!ofZone || role === 'producer') return true;
  const zone = labels[wellKnown.zone];
  return zone === undefined || zone === proxy.labels[wellKnown.zone];
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}
