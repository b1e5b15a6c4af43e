import type { SpanTagIr, TracingIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { HttpConnectionManager_Tracing } from '@kuma-mesh/envoy-api/generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { CustomTag } from '@kuma-mesh/envoy-api/generated/envoy/type/tracing/v3/custom_tag.ts';
import type { Percent } from '@kuma-mesh/envoy-api/generated/envoy/type/v3/percent.ts';
import { spanExporter } from './span-exporter.ts';

/** Spans of a connection manager's requests: one for each side of a request. */
export function tracing(ir: TracingIr): HttpConnectionManager_Tracing {
  const { overall, client, random } = ir.sampling;
  return {
    overallSampling: percent(overall),
    clientSampling: percent(client),
    randomSampling: percent(random),
    customTags: ir.tags.map(customTag),
    provider: spanExporter(ir),
    spawnUpstreamSpan: false,
  };
}

function percent(value: number | undefined): Percent | undefined {
  return value === undefined ? undefined : { value };
}

function customTag(tag: SpanTagIr): CustomTag {
  return {
    tag: tag.name,
    type:
      tag.kind === 'literal'
        ? { $case: 'literal', value: { value: tag.value } }
        : { $case: 'requestHeader', value: { name: tag.header, defaultValue: tag.default } },
  };
}
