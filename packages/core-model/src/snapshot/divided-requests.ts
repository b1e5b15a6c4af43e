import { hasTags } from '../dataplane/tags.ts';
import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import type { BackendRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import { fieldPath } from '../resources/field-path.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { isStated, type Path, valueAt } from './values-against-each-other.ts';

/** Settings that proxies have at a route, before they choose where a request goes, by kind of policy. */
const ofRoutes: Readonly<Record<string, readonly Path[]>> = {
  MeshTimeout: ['requestTimeout', 'streamIdleTimeout'].map((field) => ['http', field]),
  MeshRetry: [['http'], ['grpc']],
  MeshLoadBalancingStrategy: [
    ['hashPolicies'],
    ['loadBalancer', 'ringHash', 'hashPolicies'],
    ['loadBalancer', 'maglev', 'hashPolicies'],
  ],
};

/** What is said of requests to a part of a service, where a route sends some of them there and others elsewhere. */
export function dividedRequests({ policies }: MeshSnapshot, { type, spec }: Pick<PolicyResource, 'type' | 'spec'>): string[] {
  const paths = ofRoutes[type];
  const routes = policies.get('MeshHTTPRoute');
  if (paths === undefined || routes === undefined) return [];
  return (spec.to ?? []).flatMap(({ targetRef, default: conf }, i) => {
    const stated = paths.filter((path) => isStated(valueAt(conf, path)));
    if (targetRef?.kind !== 'MeshServiceSubset' || stated.length === 0) return [];
    const route = routes.find((each) => divides(each, targetRef));
    if (route === undefined) return [];
    const why = `what is said of MeshService "${targetRef.name}" as a whole counts for them`;
    return stated.map(
      (path) =>
        `field '${fieldPath('spec', 'to', i, 'default', ...path)}' has no effect on requests that MeshHTTPRoute "${route.name}" divides: ${why}`,
    );
  });
}

function divides({ spec }: PolicyResource, part: TargetRef): boolean {
  return (spec.to ?? []).some((item) =>
    ((item as MeshHTTPRoute_To).rules ?? []).some(({ default: conf }) => {
      const refs = (conf?.backendRefs ?? []).filter(({ weight = 1 }) => weight > 0);
      const [first, ...others] = refs;
      const several = others.some((ref) => !isIn(first!, ref) || !isIn(ref, first!));
      return several && refs.some((ref) => isIn(part, ref));
    }),
  );
}

type Part = Pick<TargetRef | BackendRef, 'name' | 'tags'>;

function isIn(part: Part, { name, tags }: Part): boolean {
  return name === part.name && hasTags(tags ?? {}, part.tags ?? {});
}
