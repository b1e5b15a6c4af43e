import type {
  MeshProxyPatch_JsonPatch,
  MeshProxyPatch_Modification,
} from '@kuma-mesh/core-model/generated/types/kuma/mesh_proxy_patch.ts';
import type { Origin, PatchIr } from '@kuma-mesh/core-model/ir/index.ts';
import { schemaOf } from '@kuma-mesh/envoy-api/schema.ts';
import { parse } from 'yaml';
import { oncePerObject } from '../resource.ts';
import { isObject, type JsonObject } from './json.ts';
import { inOneSpelling } from './spelling.ts';

/** What a modification is about. */
export type Part = 'cluster' | 'listener' | 'networkFilter' | 'httpFilter' | 'virtualHost';

/** A modification, read. */
export interface Change {
  readonly part: Part;
  readonly operation: 'Add' | 'Remove' | 'Patch' | 'AddFirst' | 'AddBefore' | 'AddAfter' | 'AddLast';
  readonly match: ChangeMatch;
  /** A message of Envoy's as JSON, whole or in part, every field spelled in one way. */
  readonly value: JsonObject | undefined;
  /** Why the value could not be read; an earlier control plane may have accepted what this one does not know. */
  readonly unreadable: string | undefined;
  /** Why Envoy must not see what it makes of a resource. */
  readonly vain?: string | undefined;
  readonly steps: readonly MeshProxyPatch_JsonPatch[];
  readonly origin: Origin;
  /** Place in the policy. */
  readonly index: number;
}

/** Absent conditions match all. */
export interface ChangeMatch {
  readonly origin?: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly listenerName?: string;
  readonly listenerTags?: Readonly<Record<string, string>>;
  readonly routeConfigurationName?: string;
}

export const partsOf: readonly Part[] = ['cluster', 'listener', 'networkFilter', 'httpFilter', 'virtualHost'];

/** Messages that modifications are about. */
export const messageOf = {
  cluster: 'envoy.config.cluster.v3.Cluster',
  listener: 'envoy.config.listener.v3.Listener',
  networkFilter: 'envoy.config.listener.v3.Filter',
  httpFilter: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
  virtualHost: 'envoy.config.route.v3.VirtualHost',
} as const satisfies Readonly<Record<Part, string>>;

const changeOf = oncePerObject(({ modification, origin, index }: PatchIr): readonly Change[] => {
  // Modifications are checked when they are written; one that says nothing does nothing.
  const stated = modification as MeshProxyPatch_Modification;
  const part = partsOf.find((name) => stated[name] !== undefined);
  const mod = part && stated[part];
  if (part === undefined || mod?.operation === undefined) return [];
  return [
    {
      part,
      operation: mod.operation,
      match: (mod.match ?? {}) as ChangeMatch,
      ...valueFrom(part, mod.value),
      steps: mod.jsonPatches ?? [],
      origin,
      index,
    },
  ];
});

export const changesOf: (patches: readonly PatchIr[]) => readonly Change[] = oncePerObject((patches: readonly PatchIr[]) =>
  patches.flatMap(changeOf),
);

function valueFrom(part: Part, text: string | undefined): Pick<Change, 'value' | 'unreadable'> {
  try {
    const value = text === undefined ? undefined : inOneSpelling(schemaOf(messageOf[part])!, readValue(text));
    return { value: value as JsonObject | undefined, unreadable: undefined };
  } catch (error) {
    return { value: undefined, unreadable: (error as Error).message };
  }
}

/** @throws Error when it is no YAML of an object */
export function readValue(text: string): JsonObject {
  const json: unknown = parse(text, { merge: true });
  if (!isObject(json)) throw new Error('must be an object in YAML or JSON');
  return json;
}
