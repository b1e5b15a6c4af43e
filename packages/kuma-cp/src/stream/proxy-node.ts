import type { Dataplane } from '@kuma-mesh/core-model/generated/types/kuma/dataplane.ts';
import type { ResourceDraft } from '@kuma-mesh/core-model/resources/resource.ts';
import type { Node } from '@kuma-mesh/envoy-api/discovery.ts';
import { type ProxyNode, SessionRefused } from './session.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * What Envoy says of itself in its first request: the id `<mesh>.<name>` and the metadata that its bootstrap gave it.
 * @throws SessionRefused when it is no proxy that we can serve
 */
export function readProxyNode(node: Node, token: string | undefined, alive: () => Promise<boolean>): ProxyNode {
  const id = node.id ?? '';
  const dot = id.indexOf('.');
  if (dot <= 0 || dot === id.length - 1) {
    throw new SessionRefused(`node.id ${JSON.stringify(id)}: expected <mesh>.<name>`);
  }
  const mesh = id.slice(0, dot);
  const name = id.slice(dot + 1);
  const metadata: Json = node.metadata ?? {};
  const proxyType = metadata['dataplane.proxyType'] ?? 'dataplane';
  if (proxyType !== 'dataplane') {
    throw new SessionRefused(`node.metadata["dataplane.proxyType"] ${JSON.stringify(proxyType)}: only "dataplane" is served`);
  }
  const version = asObject(metadata.version);
  const kumaDp = asObject(version.kumaDp);
  const envoy = asObject(version.envoy);
  return {
    mesh,
    name,
    token,
    dataplane: readDataplane(metadata['dataplane.resource'], { mesh, name }),
    proxyType,
    features: new Set(Array.isArray(metadata.features) ? metadata.features.filter((feature) => typeof feature === 'string') : []),
    metadata: withoutSecrets(metadata),
    alive,
    version: { kumaDp, envoy },
  };
}

/** Envoys keep what they were told of endpoints since 1.32 (`envoy.restart_features.use_eds_cache_for_ads`). */
export function remembersEndpoints({ version }: ProxyNode): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(String(version.envoy?.version)) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 32);
}

/** Fields of a resource's JSON that are not its kind's own. */
const envelope = new Set(['type', 'mesh', 'name', 'labels', 'status', 'kri', 'creationTime', 'modificationTime']);

function readDataplane(text: unknown, key: { mesh: string; name: string }): ResourceDraft<Dataplane> | undefined {
  if (typeof text !== 'string' || text === '') {
    return undefined;
  }
  const field = 'node.metadata["dataplane.resource"]';
  const json = asObject(parse(text, field));
  for (const part of ['mesh', 'name'] as const) {
    if (json[part] !== undefined && json[part] !== key[part]) {
      throw new SessionRefused(`${field}.${part} ${JSON.stringify(json[part])}: node.id says ${JSON.stringify(key[part])}`);
    }
  }
  return {
    type: 'Dataplane',
    ...key,
    labels: asObject(json.labels) as Readonly<Record<string, string>>,
    spec: Object.fromEntries(Object.entries(json).filter(([name]) => !envelope.has(name))),
  };
}

function parse(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SessionRefused(`${field}: expected a Dataplane as JSON`, { cause });
  }
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function withoutSecrets(metadata: Json): Json {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !/token/i.test(name)));
}
