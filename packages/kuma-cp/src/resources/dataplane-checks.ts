import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { Mesh, Mesh_Constraints_DataplaneProxy_Rule as Rule } from '@kuma-mesh/core-model/generated/types/kuma/mesh.ts';
import type { Problem, ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';

type Tags = Readonly<Record<string, string>>;

/** Why a mesh does not let a dataplane join: `constraints.dataplaneProxy` of the mesh. */
export function membershipProblems(dataplane: Dataplane, mesh: Mesh): readonly Problem[] {
  const { requirements = [], restrictions = [] } = mesh.constraints?.dataplaneProxy ?? {};
  return taggedParts(dataplane).flatMap(({ field, tags }) => {
    const problems: Problem[] = [];
    if (requirements.length > 0 && !requirements.some((rule) => satisfies(tags, rule))) {
      problems.push({ field, reason: "satisfies none of the mesh's constraints.dataplaneProxy.requirements" });
    }
    const broken = restrictions.findIndex((rule) => satisfies(tags, rule));
    if (broken >= 0)
      problems.push({ field, reason: `is excluded by the mesh's constraints.dataplaneProxy.restrictions[${broken}]` });
    return problems;
  });
}

function taggedParts({ networking }: Dataplane): readonly { readonly field: string; readonly tags: Tags }[] {
  return [
    ...(networking?.gateway ? [{ field: 'networking.gateway.tags', tags: networking.gateway.tags ?? {} }] : []),
    ...(networking?.inbound ?? []).map(({ tags = {} }, index) => ({ field: `networking.inbound[${index}].tags`, tags })),
  ];
}

function satisfies(tags: Tags, { tags: wanted = {} }: Rule): boolean {
  return Object.entries(wanted).every(([tag, value]) => tags[tag] !== undefined && (value === '*' || tags[tag] === value));
}

/** The dataplane with the tag `kuma.io/zone` on everything that has tags. */
export function withZoneTags(draft: ResourceDraft<Dataplane>, zone: string): ResourceDraft<Dataplane> {
  const { networking } = draft.spec;
  if (zone === '' || !networking) return draft;
  const zoned = (tags: Tags | undefined) => ({ ...tags, 'kuma.io/zone': zone });
  const { gateway, inbound } = networking;
  return {
    ...draft,
    spec: {
      ...draft.spec,
      networking: {
        ...networking,
        ...(gateway && { gateway: { ...gateway, tags: zoned(gateway.tags) } }),
        ...(inbound && { inbound: inbound.map((item) => ({ ...item, tags: zoned(item.tags) })) }),
      },
    },
  };
}
