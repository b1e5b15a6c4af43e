import { inboundProtocol, inboundsOf } from '@kuma-mesh/core-model/dataplane/parts.ts';
import { resolveRules } from '@kuma-mesh/core-model/proxy/index.ts';
import { kriOf } from '@kuma-mesh/core-model/resources/kri.ts';
import type { Effective } from '@kuma-mesh/core-model/rules/effective.ts';
import { inboundStatements } from '@kuma-mesh/core-model/rules/inbound-statements.ts';
import type { InboundRules } from '@kuma-mesh/core-model/rules/proxy-rules.ts';
import { policyKinds } from '@kuma-mesh/core-model/target-ref/policy-kinds.ts';
import { proxyTarget } from '@kuma-mesh/core-model/target-ref/proxy-target.ts';
import { badRequest, notFound } from '../api-error.ts';
import { hasInboundRules, type Subject } from './inspected-meshes.ts';

/**
 * The layout speaks in KRIs, which destinations have only as resources.
 * @throws ApiError 400 unless `meshServices.mode` of the mesh is `Exclusive`
 */
export function demandResources({ snapshot }: Subject): void {
  const mode = snapshot.resource?.spec.meshServices?.mode ?? 'Disabled';
  if (mode !== 'Exclusive') throw badRequest(`this needs meshServices.mode Exclusive in mesh "${snapshot.mesh}"; it is ${mode}`);
}

/**
 * What a proxy listens on and what it calls. Calls to services that are known by a tag alone have no KRI, so that they do
 * not appear.
 */
export function layoutView({ dataplane }: Subject) {
  return {
    kri: kriOf(dataplane),
    labels: dataplane.labels,
    inbounds: inboundsOf(dataplane).map((inbound) => {
      const { name, port = 0 } = inbound;
      const section = name || String(port);
      return {
        kri: kriOf(dataplane, section),
        port,
        protocol: inboundProtocol(inbound),
        proxyResourceName: `self_inbound_dp_${section}`,
      };
    }),
    outbounds: [],
    listeners: [],
  };
}

/** What policies say of the proxy as a whole. */
export function proxyPoliciesView({ snapshot, dataplane }: Subject) {
  const policies = [...resolveRules(snapshot, dataplane).kinds.values()].flatMap(({ kind, proxy }) =>
    proxy ? [{ kind, origins: originsOf(proxy), conf: proxy.conf }] : [],
  );
  return { policies };
}

/**
 * What policies say of one inbound.
 * @throws ApiError 404 when the proxy has no inbound with this KRI
 */
export function inboundPoliciesView({ snapshot, dataplane }: Subject, kri: string) {
  const { inbounds } = proxyTarget(dataplane);
  const index = inbounds.findIndex(({ name, port }) => kriOf(dataplane, name ?? String(port)) === kri);
  if (index < 0) throw notFound('Could not retrieve a resource');
  const policies = [...resolveRules(snapshot, dataplane).kinds.values()].flatMap(({ kind, inbounds: rules }) => {
    const own = rules[index];
    if (own === undefined || own.items.length === 0 || !hasInboundRules(kind)) return [];
    return [{ kind, origins: uniqueKris(own.items.map(({ origin }) => origin.kri)), rules: rulesOf(own) }];
  });
  return { policies };
}

/** Each with the one policy that it comes from; what was merged of several names them in `origins`. */
function rulesOf(rules: InboundRules) {
  // Kinds that know clients by their tags say so in `from`.
  const byClient = policyKinds.get(rules.kind)?.fromAsRules ? [] : rules.items.filter(({ list }) => list === 'from');
  return [
    ...byClient.map(({ conf, client, origin }) => ({ conf, targetRef: client, kri: origin.kri })),
    ...inboundStatements(rules).map(({ conf, matches, items }) => {
      const kris = new Set(items.map(({ origin }) => origin.kri));
      return { conf, ...(matches.length > 0 && { matches }), ...(kris.size === 1 && { kri: [...kris][0] }) };
    }),
  ];
}

function originsOf({ items }: Effective) {
  return uniqueKris(items.map(({ origin }) => origin.kri));
}

function uniqueKris(kris: readonly string[]) {
  return [...new Set(kris)].map((kri) => ({ kri }));
}
