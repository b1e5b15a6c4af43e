import type { LineFormatIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { SubstitutionFormatString } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/substitution_format_string.ts';
import { inline } from '../envoy/values.ts';
import { formatString, type Writer } from './template.ts';

/** Lines for a file. */
export function lineFormat(format: LineFormatIr, writer: Writer): SubstitutionFormatString {
  if (format.kind === 'json') return json(fields(format, writer), format.omitEmpty);
  const line = `${formatString(format.line, writer)}\n`;
  return { format: { $case: 'textFormatSource', value: inline(line) }, omitEmptyValues: format.omitEmpty };
}

/** Lines for the sidecar's pipe: each says which server it is for. */
export function addressedLineFormat(format: LineFormatIr, server: string, writer: Writer): SubstitutionFormatString {
  const message = format.kind === 'json' ? fields(format, writer) : `${formatString(format.line, writer)}\n`;
  return json({ address: server.replaceAll('%', '%%'), message }, format.omitEmpty);
}

function json(value: object, omitEmptyValues: boolean): SubstitutionFormatString {
  return { format: { $case: 'jsonFormat', value: value as Record<string, unknown> }, omitEmptyValues };
}

function fields(format: Extract<LineFormatIr, { kind: 'json' }>, writer: Writer): Record<string, string> {
  return Object.fromEntries(format.fields.map(({ key, value }) => [key, formatString(value, writer)]));
}
