import { inboundProtocol, inboundsOf } from '@kuma-mesh/core-model/dataplane/parts.ts';
import { resolveRules } from '@kuma-mesh/core-model/proxy/index.ts';
import { kriOf } from '@kuma-mesh/core-model/resources/kri.ts';
import { inboundStatements } from '@kuma-mesh/core-model/rules/inbound-statements.ts';
import type { InboundRules } from '@kuma-mesh/core-model/rules/proxy-rules.ts';
import { policyKinds } from '@kuma-mesh/core-model/target-ref/policy-kinds.ts';
import { proxyTarget } from '@kuma-mesh/core-model/target-ref/proxy-target.ts';
import { badRequest } from '../api-error.ts';
import { hasInboundRules, type Subject } from './inspected-meshes.ts';
import { absentOrMalformed, originKris } from './kris.ts';
import { outboundsView } from './outbound-view.ts';

/**
 * Existing clients expect a layout of such meshes alone, whose destinations have KRIs.
 * @throws ApiError 400 unless `meshServices.mode` of the mesh is `Exclusive`
 */
export function demandResources({ snapshot }: Subject): void {
  const mode = snapshot.resource?.spec.meshServices?.mode ?? 'Disabled';
  if (mode !== 'Exclusive') throw badRequest(`this needs meshServices.mode Exclusive in mesh "${snapshot.mesh}"; it is ${mode}`);
}

/** What a proxy listens on and what it calls. */
export function layoutView(subject: Subject) {
  const { dataplane } = subject;
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
    outbounds: outboundsView(subject),
    listeners: [],
  };
}

/** What policies say of the proxy as a whole. */
export function proxyPoliciesView({ snapshot, dataplane }: Subject) {
  const policies = [...resolveRules(snapshot, dataplane).kinds.values()].flatMap(({ kind, proxy }) =>
    proxy ? [{ kind, origins: originKris(proxy.items), conf: proxy.conf }] : [],
  );
  return { policies };
}

/**
 * What policies say of one inbound.
 * @throws ApiError 404 when the proxy has no inbound with this KRI, 400 when it is none
 */
export function inboundPoliciesView({ snapshot, dataplane }: Subject, kri: string) {
  const { inbounds } = proxyTarget(dataplane);
  const index = inbounds.findIndex(({ name, port }) => kriOf(dataplane, name ?? String(port)) === kri);
  if (index < 0) throw absentOrMalformed('inbound', kri);
  const policies = [...resolveRules(snapshot, dataplane).kinds.values()].flatMap(({ kind, inbounds: rules }) => {
    const own = rules[index];
    if (own === undefined || own.items.length === 0 || !hasInboundRules(kind)) return [];
    return [{ kind, origins: originKris(own.items), rules: rulesOf(own) }];
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
