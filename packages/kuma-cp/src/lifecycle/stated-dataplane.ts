import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type { TokenBearer } from '../auth/dataplane-token.ts';
import { withZoneTags } from '../resources/dataplane-checks.ts';
import { readDraft } from '../resources/read-draft.ts';

/**
 * The Dataplane that a proxy states, checked as if a user had written it.
 * @throws ResourceError with every problem
 */
export function readStated(stated: ResourceDraft<Dataplane>, zone: string): ResourceDraft<Dataplane> {
  const { mesh, name, labels, spec } = stated;
  const { draft } = readDraft({ type: 'Dataplane', mesh, name, labels, ...spec }, { type: 'Dataplane', mesh, name });
  return withZoneTags(draft as ResourceDraft<Dataplane>, zone);
}

/** What a token must cover. */
export function tokenBearer({ mesh, name, labels, spec }: ResourceDraft<Dataplane>): TokenBearer {
  const tags = new Map<string, Set<string>>();
  const { gateway, inbound = [] } = spec.networking ?? {};
  for (const set of [gateway?.tags ?? {}, ...inbound.map((item) => item.tags ?? {})]) {
    for (const [tag, value] of Object.entries(set)) {
      const values = tags.get(tag);
      if (values) values.add(value);
      else tags.set(tag, new Set([value]));
    }
  }
  return { mesh, name, tags, type: 'dataplane', workload: labels['kuma.io/workload'] };
}
