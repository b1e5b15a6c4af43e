import type { CollectedLogIr, OtlpValueIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { AnyValue, KeyValueList } from '@kuma-mesh/envoy-api/generated/opentelemetry/proto/common/v1/common.ts';
import { formatString, type Writer } from './template.ts';

export function otlpValue(value: OtlpValueIr, writer: Writer): AnyValue {
  return { value: valueCase(value, writer) };
}

function valueCase(value: OtlpValueIr, writer: Writer): AnyValue['value'] {
  switch (value.kind) {
    case 'text':
      return { $case: 'stringValue', value: formatString(value.text, writer) };
    // Envoy refuses values that are neither text nor made of it.
    case 'boolean':
    case 'integer':
    case 'double':
    case 'bytes':
      return { $case: 'stringValue', value: String(value.value).replaceAll('%', '%%') };
    case 'list':
      return { $case: 'arrayValue', value: { values: value.values.map((item) => otlpValue(item, writer)) } };
    case 'map': {
      const values = value.entries.map((entry) => ({ key: entry.key, value: otlpValue(entry.value, writer) }));
      return { $case: 'kvlistValue', value: { values } };
    }
  }
}

export function otlpAttributes(attributes: CollectedLogIr['attributes'], writer: Writer): KeyValueList {
  return {
    values: attributes.map(({ key, value }) => ({
      key,
      value: { value: { $case: 'stringValue', value: formatString(value, writer) } },
    })),
  };
}
