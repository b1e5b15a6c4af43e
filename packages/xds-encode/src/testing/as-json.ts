import { messageType } from '@kuma-mesh/envoy-api/json.ts';
import { type EncodedProxy, type EncodedResource, resourceToJson } from '../index.ts';

/** Resources as protobuf JSON by type and name. */
export type ProxyJson = Record<string, Record<string, Json>>;
// biome-ignore lint/suspicious/noExplicitAny: JSON of any message of Envoy's
export type Json = any;

export function asJson(proxy: EncodedProxy, { redact = true } = {}): ProxyJson {
  const toJson = redact ? resourceToJson : unredacted;
  const types = [...proxy].map(([typeUrl, resources]) => {
    const ordered = [...resources.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return [typeUrl, Object.fromEntries(ordered.map((resource) => [resource.name, toJson(resource)]))] as const;
  });
  return Object.fromEntries(types.filter(([, resources]) => Object.keys(resources).length > 0)) as ProxyJson;
}

function unredacted(resource: EncodedResource): unknown {
  const type = messageType(resource.typeUrl)!;
  return type.toJSON(type.decode(resource.bytes));
}
