import type { ProxyIr } from '@kuma-mesh/core-model/ir/index.ts';
import { buildProxy } from '@kuma-mesh/core-model/proxy/index.ts';
import { applyChanges, type MeshSnapshot, type ResourceChange } from '@kuma-mesh/core-model/snapshot/index.ts';
import { type EncodedProxy, encodeProxy, resourceToJson, withSecrets } from '@kuma-mesh/xds-encode/index.ts';
import { type JsonPatch, jsonDifference } from './json-difference.ts';
import type { Pipeline } from './pipeline.ts';
import { unseenInput } from './proxy-input.ts';
import type { ProxyKey } from './proxy-key.ts';

/** Envoy's resources as JSON, by type URL and name; keys and tokens redacted. */
export type XdsJson = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface ProxyInspection {
  readonly ir: ProxyIr;
  readonly xds: XdsJson;
  /** Present when asked for: what the proxy would get beyond what it has, as a JSON patch of its `xds`. */
  readonly diff?: readonly JsonPatch[];
}

export interface InspectOptions {
  /** As if policies with the label `kuma.io/effect: shadow` were in effect. */
  readonly shadow?: boolean;
  /** Say how it differs from what the proxy gets now. */
  readonly diff?: boolean;
}

/** Answers what a proxy gets, or would get. Asking changes nothing. */
export interface ProxyInspector {
  /** undefined where there is no such Dataplane. A proxy that is not connected is shown as if it announced no features. */
  inspect(proxy: ProxyKey, options?: InspectOptions): ProxyInspection | undefined;
  /** The mesh as proxies are configured from it; undefined where there is none. */
  snapshot(mesh: string): MeshSnapshot | undefined;
}

export function createProxyInspector(pipeline: Pipeline, zone: string): ProxyInspector {
  const build = (snapshot: MeshSnapshot, key: ProxyKey): { ir: ProxyIr; encoded: EncodedProxy } | undefined => {
    const dataplane = snapshot.dataplanes.get(key.name);
    if (dataplane === undefined) return undefined;
    const proxy = pipeline.connected(key);
    const ir = buildProxy(snapshot, { ...(proxy?.input ?? unseenInput(zone)), dataplane });
    const secrets = ir.secrets.flatMap(({ name }) => proxy?.secrets?.get(name) ?? []);
    return { ir, encoded: withSecrets(encodeProxy(ir), secrets) };
  };
  return {
    snapshot: (mesh) => pipeline.snapshot(mesh),
    inspect(key, { shadow = false, diff = false } = {}) {
      const snapshot = pipeline.snapshot(key.mesh);
      const asked = snapshot && build(shadow ? withShadows(snapshot) : snapshot, key);
      if (asked === undefined) return undefined;
      const xds = xdsJson(asked.encoded);
      if (!diff) return { ir: asked.ir, xds };
      const current = pipeline.connected(key)?.config ?? build(snapshot!, key)!.encoded;
      return { ir: asked.ir, xds, diff: jsonDifference(xdsJson(current), xds) };
    },
  };
}

/** The mesh with its shadow policies in effect. */
function withShadows(snapshot: MeshSnapshot): MeshSnapshot {
  const changes: ResourceChange[] = [];
  for (const policies of snapshot.policies.values()) {
    for (const before of policies) {
      const { 'kuma.io/effect': effect, ...labels } = before.labels;
      if (effect === 'shadow') changes.push({ before, after: { ...before, labels } });
    }
  }
  return applyChanges(snapshot, changes).snapshot;
}

function xdsJson(encoded: EncodedProxy): XdsJson {
  return Object.fromEntries(
    [...encoded].map(([typeUrl, resources]) => [
      typeUrl,
      Object.fromEntries([...resources].map(([name, resource]) => [name, resourceToJson(resource)])),
    ]),
  );
}
