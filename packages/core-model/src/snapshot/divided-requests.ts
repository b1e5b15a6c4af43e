import { furtherTags, hasTags } from '../dataplane/tags.ts';
import type { MeshHTTPRoute_To } from '../generated/types/kuma/mesh_http_route.ts';
import type { BackendRef, TargetRef } from '../generated/types/kuma/target_ref.ts';
import { fieldPath, valueAt } from '../resources/field-path.ts';
import type { PolicyResource } from '../target-ref/policy-spec.ts';
import { isStated } from './idle-settings.ts';
import type { MeshSnapshot } from './mesh-snapshot.ts';
import { settingsOfCalls } from './settings-of-calls.ts';

/** What is said of requests or connections to a part of a service, where a route sends some of them there and others elsewhere. */
export function dividedRequests(
  { policies, services }: MeshSnapshot,
  { type, spec }: Pick<PolicyResource, 'type' | 'spec'>,
): string[] {
  return (spec.to ?? []).flatMap(({ targetRef, default: conf }, i) => {
    if (targetRef?.kind !== 'MeshServiceSubset') return [];
    const { route: kind, what, settings } = settingsOfCalls(services.get(targetRef.name ?? ''));
    const stated = (settings[type] ?? []).filter((path) => isStated(valueAt(conf, path)));
    const route = stated.length > 0 ? (policies.get(kind) ?? []).find((each) => divides(each, targetRef)) : undefined;
    if (route === undefined) return [];
    const why = `what is said of MeshService "${targetRef.name}" as a whole counts for them`;
    return stated.map(
      (path) =>
        `field '${fieldPath('spec', 'to', i, 'default', ...path)}' has no effect on ${what} that ${kind} "${route.name}" divides: ${why}`,
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
  return name === part.name && hasTags(tags ?? {}, furtherTags(part.tags));
}
