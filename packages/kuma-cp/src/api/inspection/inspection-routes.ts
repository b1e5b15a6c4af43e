import { httpMatches, resolveRules } from '@kuma-mesh/core-model/proxy/index.ts';
import { policyKinds } from '@kuma-mesh/core-model/resources/registry.ts';
import type { Resource } from '@kuma-mesh/core-model/resources/resource.ts';
import { describeRules, metaOf } from '@kuma-mesh/core-model/rules/describe-rules.ts';
import { select } from '@kuma-mesh/core-model/rules/resolve-rules.ts';
import { proxyTarget } from '@kuma-mesh/core-model/target-ref/proxy-target.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { resourceNotFound } from '../api-error.ts';
import { filterList, listPage } from '../list-page.ts';
import { parseListQuery } from '../list-query.ts';
import type { UrlOf } from '../request-url.ts';
import { addPath, pathParameter, queryOf } from '../routes.ts';
import { type InspectedMeshes, meshOf, type Subject, subjectOf } from './inspected-meshes.ts';
import { demandResources, inboundPoliciesView, layoutView, proxyPoliciesView } from './layout-view.ts';
import { attachedPoliciesView, attachmentsView } from './older-views.ts';
import { outboundPoliciesView, outboundRoutesView, routePoliciesView } from './outbound-view.ts';

export interface InspectionRoutesOptions {
  readonly meshes: InspectedMeshes;
  readonly urlOf: UrlOf;
}

/** What policies make of a proxy, and which proxies a policy concerns. */
export function addInspectionRoutes(app: FastifyInstance, { meshes, urlOf }: InspectionRoutesOptions): void {
  const proxy = '/meshes/:mesh/dataplanes/:name';
  const withResources = (request: FastifyRequest) => {
    const subject = subjectOf(request, meshes);
    demandResources(subject);
    return subject;
  };
  addPath(app, `${proxy}/_rules`, { GET: (request) => rulesView(subjectOf(request, meshes)) });
  addPath(app, `${proxy}/_layout`, { GET: (request) => layoutView(withResources(request)) });
  addPath(app, `${proxy}/_policies`, { GET: (request) => proxyPoliciesView(withResources(request)) });
  addPath(app, `${proxy}/_inbounds/:kri/_policies`, {
    GET: (request) => inboundPoliciesView(withResources(request), pathParameter(request, 'kri')),
  });
  const outbound = `${proxy}/_outbounds/:kri`;
  addPath(app, `${outbound}/_policies`, {
    GET: (request) => outboundPoliciesView(withResources(request), pathParameter(request, 'kri')),
  });
  addPath(app, `${outbound}/_routes`, {
    GET: (request) => outboundRoutesView(withResources(request), pathParameter(request, 'kri')),
  });
  addPath(app, `${outbound}/_routes/:route/_policies`, {
    GET: (request) => routePoliciesView(withResources(request), pathParameter(request, 'kri'), pathParameter(request, 'route')),
  });
  addPath(app, `${proxy}/policies`, { GET: (request) => attachedPoliciesView(subjectOf(request, meshes)) });
  for (const { name: type, path } of policyKinds) {
    const policy = `/meshes/:mesh/${path}/:name`;
    addPath(app, `${policy}/dataplanes`, { GET: (request) => attachmentsView(selectedDataplanes(request, meshes, type)) });
    addPath(app, `${policy}/_resources/dataplanes`, {
      GET: (request) => {
        const query = parseListQuery(queryOf(request));
        const selected = filterList(selectedDataplanes(request, meshes, type), query);
        return listPage(selected, query, urlOf(request), metaOf);
      },
    });
  }
}

function rulesView({ snapshot, dataplane }: Subject) {
  const rules = resolveRules(snapshot, dataplane);
  return {
    resource: metaOf(dataplane),
    httpMatches: httpMatches(rules.kinds.get('MeshHTTPRoute')),
    rules: describeRules(snapshot, dataplane, rules),
  };
}

function selectedDataplanes(request: FastifyRequest, meshes: InspectedMeshes, type: string): readonly Resource[] {
  const snapshot = meshOf(request, meshes);
  const name = pathParameter(request, 'name');
  const policy = snapshot.policies.get(type)?.find((candidate) => candidate.name === name);
  if (!policy) throw resourceNotFound({ type, mesh: snapshot.mesh, name });
  return [...snapshot.dataplanes.values()]
    .filter((dataplane) => select(snapshot, policy, proxyTarget(dataplane)) !== 'none')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
