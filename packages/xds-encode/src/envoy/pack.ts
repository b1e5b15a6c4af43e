import type { Any } from '@kuma-mesh/envoy-api/generated/google/protobuf/any.ts';

interface Codec<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
}

/** A message as `google.protobuf.Any`. */
export function pack<T>(codec: Codec<T>, message: T): Any {
  return { typeUrl: `type.googleapis.com/${codec.$type}`, value: codec.encode(message).finish() };
}

/** The shape of every named extension point: name and typed configuration. */
export interface Extension {
  name: string;
  configType: { $case: 'typedConfig'; value: Any };
}

export function extension<T>(name: string, codec: Codec<T>, message: T): Extension {
  return { name, configType: { $case: 'typedConfig', value: pack(codec, message) } };
}
