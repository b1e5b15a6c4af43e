import { kindByName, kindByShortName } from './registry.ts';
import type { ResourceKey } from './resource.ts';

/** Identifies a resource, or a section of one, across meshes and zones. Parts that do not apply are empty. */
export interface Kri {
  /** Kind, such as `MeshTimeout`. */
  readonly type: string;
  readonly mesh: string;
  readonly zone: string;
  readonly namespace: string;
  readonly name: string;
  /** For instance the name or number of a port. */
  readonly section: string;
}

/** `kri_<short name>_<mesh>_<zone>_<namespace>_<name>_<section>` */
export function formatKri(kri: Kri): string {
  const shortName = kindByName(kri.type)?.shortName;
  if (!shortName) throw new Error(`${kri.type} has no short name, and so no KRI`);
  return `kri_${shortName}_${kri.mesh}_${kri.zone}_${kri.namespace}_${kri.name}_${kri.section}`;
}

/**
 * Of a service that is known by its tag: what a MeshService of its name would have, as to policies it is one. Of no zone, for
 * tags know none.
 */
export function serviceKri(mesh: string, service: string, section: string): string {
  return `kri_msvc_${mesh}___${service}_${section}`;
}

/** Whether the text has the form of a KRI, of whatever kind. */
export function hasKriForm(text: string): boolean {
  return /^kri_[a-z]+(_[^_]*){4,}_[^_]*$/.test(text);
}

/** @returns undefined where the text is no KRI of a kind we know */
export function parseKri(text: string): Kri | undefined {
  const parts = text.split('_');
  const [prefix, shortName = '', mesh = '', zone = '', namespace = '', name = '', section = ''] = parts;
  const kind = kindByShortName(shortName);
  if (prefix !== 'kri' || parts.length !== 7 || !kind || name === '') return undefined;
  return { type: kind.name, mesh, zone, namespace, name, section };
}

/** KRI of a resource, or of one of its sections; empty for kinds without one. */
export function kriOf(resource: ResourceKey & { readonly labels: Readonly<Record<string, string>> }, section = ''): string {
  if (!kindByName(resource.type)?.shortName) return '';
  const { type, mesh, labels } = resource;
  return formatKri({
    type,
    mesh,
    zone: labels['kuma.io/zone'] ?? '',
    namespace: labels['k8s.kuma.io/namespace'] ?? '',
    name: labels['kuma.io/display-name'] ?? resource.name,
    section,
  });
}
