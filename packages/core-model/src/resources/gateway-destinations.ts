import type { TargetRef } from '../generated/types/kuma/target_ref.ts';
import { mustBeAbsent, type Problem } from './resource.ts';

/** For kinds whose `to` is for built-in gateways: it has no meaning where the policy can select none. */
export function gatewayDestinationProblems({ targetRef, to }: { targetRef?: TargetRef; to?: readonly unknown[] }): Problem[] {
  if (!to?.length || maySelectGateways(targetRef)) return [];
  return [mustBeAbsent('spec.to', ' where spec.targetRef selects no built-in gateway: it is for those alone')];
}

/** A built-in gateway as a target was refused by then, and `to` is right beside it. */
function maySelectGateways({ kind = 'Mesh', proxyTypes = [] }: TargetRef = {}): boolean {
  if (kind === 'MeshGateway' || kind === 'MeshHTTPRoute') return true;
  return (kind === 'Mesh' || kind === 'MeshSubset') && (proxyTypes.length === 0 || proxyTypes.includes('Gateway'));
}
