import { type EncodedProxy, resourceToJson } from '../index.ts';
import { unredactedJson } from '../resource-to-json.ts';

/** Resources as protobuf JSON by type and name. */
export type ProxyJson = Record<string, Record<string, Json>>;
// biome-ignore lint/suspicious/noExplicitAny: JSON of any message of Envoy's
export type Json = any;

export function asJson(proxy: EncodedProxy, { redact = true } = {}): ProxyJson {
  const toJson = redact ? resourceToJson : unredactedJson;
  const types = [...proxy].map(([typeUrl, resources]) => {
    const ordered = [...resources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return [typeUrl, Object.fromEntries(ordered.map((resource) => [resource.name, toJson(resource)]))] as const;
  });
  return Object.fromEntries(types.filter(([, resources]) => Object.keys(resources).length > 0)) as ProxyJson;
}
