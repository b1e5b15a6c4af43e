import type { ClientMatchIr, PermissionIr } from '../../ir/index.ts';
import { byIdentity } from '../../memo/by-identity.ts';
import { canonicalJson } from '../../rules/merge.ts';

/**
 * Whether somebody whom a permission let in may not be any more under the one that takes its place. Clients are compared as
 * they are stated: in doubt something is taken back.
 */
export function takesBack(before: PermissionIr, after: PermissionIr): boolean {
  const [old, now] = [statedClients(before), statedClients(after)];
  const allStillLetIn = now.letIn.has(everybody) || old.letIn.isSubsetOf(now.letIn);
  return !(allStillLetIn && now.denied.isSubsetOf(old.denied));
}

const everybody = canonicalJson({ kind: 'any' } satisfies ClientMatchIr);

const statedClients = byIdentity(({ rules }: PermissionIr) => {
  const { denied = [], letIn = [] } = Object.groupBy(rules, ({ action }) => (action === 'Deny' ? 'denied' : 'letIn'));
  const clients = (of: PermissionIr['rules']): ReadonlySet<string> => new Set(of.map(({ client }) => canonicalJson(client)));
  return { letIn: clients(letIn), denied: clients(denied) };
});
