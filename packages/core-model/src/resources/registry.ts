import { kinds } from '../generated/kinds.ts';
import type { KindDescriptor } from './kind.ts';

export { kinds };

const byName = new Map(kinds.map((kind) => [kind.name, kind]));
const byPath = new Map(kinds.flatMap((kind) => [kind.path, ...kind.pathAliases].map((path) => [path, kind] as const)));
const byShortName = new Map(kinds.filter((kind) => kind.shortName !== '').map((kind) => [kind.shortName, kind]));

/** @param name such as `MeshTimeout` */
export function kindByName(name: string): KindDescriptor | undefined {
  return byName.get(name);
}

/** @param path segment of the HTTP API, such as `meshtimeouts`; aliases serve as well */
export function kindByPath(path: string): KindDescriptor | undefined {
  return byPath.get(path);
}

/** @param shortName such as `mt` */
export function kindByShortName(shortName: string): KindDescriptor | undefined {
  return byShortName.get(shortName);
}

/** Kinds that are policies, sorted by name. */
export const policyKinds: readonly KindDescriptor[] = kinds.filter((kind) => kind.policy !== undefined);
