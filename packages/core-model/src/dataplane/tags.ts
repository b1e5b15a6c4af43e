/** Tags and labels that have a meaning to the mesh. */
export const wellKnown = {
  service: 'kuma.io/service',
  protocol: 'kuma.io/protocol',
  zone: 'kuma.io/zone',
  origin: 'kuma.io/origin',
  policyRole: 'kuma.io/policy-role',
  displayName: 'kuma.io/display-name',
  namespace: 'k8s.kuma.io/namespace',
  effect: 'kuma.io/effect',
} as const;

export type Tags = Readonly<Record<string, string>>;

/** Whether `tags` has every wanted tag; `*` takes any value. */
export function hasTags(tags: Tags, wanted: Tags): boolean {
  for (const key in wanted) {
    const value = tags[key];
    if (value === undefined || (wanted[key] !== '*' && wanted[key] !== value)) return false;
  }
  return true;
}

/** One string for equal tags, in whatever order they were written. */
export function tagsKey(tags: Tags): string {
  return Object.keys(tags)
    .sort()
    .map((key) => `${key}=${tags[key]}`)
    .join(',');
}

/** Tags beside that of the service, which a part of one is known by: its name says which service it is, whatever the tag does. */
export function furtherTags(tags: Tags = {}): Tags {
  const { [wellKnown.service]: _, ...rest } = tags;
  return rest;
}
