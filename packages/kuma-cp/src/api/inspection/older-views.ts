import { renderResource } from '@kuma-mesh/core-model/resources/render.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { policiesFor } from '@kuma-mesh/core-model/rules/resolve-rules.ts';
import type { Subject } from './inspected-meshes.ts';

/*
 * Answers that existing kumactl asks for (`inspect dataplane NAME`, `inspect POLICY NAME`). They say what a policy is
 * attached to; policies with a targetRef are attached to whole proxies.
 */
const kind = 'SidecarDataplane';
const wholeProxy = { type: 'dataplane', name: '', service: '' };

/** `/dataplanes/{name}/policies` */
export function attachedPoliciesView({ snapshot, dataplane }: Subject) {
  const byKind = policiesFor(snapshot, dataplane);
  const matchedPolicies = Object.fromEntries([...byKind].map(([type, policies]) => [type, policies.map(renderResource)]));
  const items = byKind.size > 0 ? [{ ...wholeProxy, matchedPolicies }] : [];
  return { kind, total: items.length, items };
}

/** `/{policies}/{name}/dataplanes` */
export function attachmentsView(selected: readonly Resource[]) {
  const items = selected.map(({ mesh, name }) => ({ kind, dataplane: { mesh, name }, attachments: [wholeProxy] }));
  return { total: items.length, items };
}
