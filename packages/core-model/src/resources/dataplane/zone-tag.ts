import type { Dataplane } from '../../generated/types/kuma/dataplane.ts';

/** The proxy with its zone among the tags of each inbound and of its gateway, as the HTTP API stores it. */
export function withZoneTag(spec: Dataplane, zone: string): Dataplane {
  const { networking } = spec;
  if (zone === '' || !networking) return spec;
  const tagged = <T extends { tags?: { [key: string]: string } | undefined }>(of: T): T => ({
    ...of,
    tags: { ...of.tags, 'kuma.io/zone': zone },
  });
  return {
    ...spec,
    networking: {
      ...networking,
      ...(networking.inbound && { inbound: networking.inbound.map(tagged) }),
      ...(networking.gateway && { gateway: tagged(networking.gateway) }),
    },
  };
}
