import type { AccessLogIr } from '@kuma-mesh/core-model/ir/index.ts';
import type { AccessLog } from '@kuma-mesh/envoy-api/generated/envoy/config/accesslog/v3/accesslog.ts';
import { ApiVersion } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/config_source.ts';
import type { SubstitutionFormatString } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/substitution_format_string.ts';
import { FileAccessLog } from '@kuma-mesh/envoy-api/generated/envoy/extensions/access_loggers/file/v3/file.ts';
import { OpenTelemetryAccessLogConfig } from '@kuma-mesh/envoy-api/generated/envoy/extensions/access_loggers/open_telemetry/v3/logs_service.ts';
import {
  StderrAccessLog,
  StdoutAccessLog,
} from '@kuma-mesh/envoy-api/generated/envoy/extensions/access_loggers/stream/v3/stream.ts';
import { grpcService, httpService } from '../envoy/collector-service.ts';
import { type Extension, extension } from '../envoy/pack.ts';
import { addressedLineFormat, lineFormat } from './line-format.ts';
import { logFilter } from './log-filter.ts';
import { otlpAttributes, otlpValue } from './otlp-value.ts';
import type { Writer } from './template.ts';

/** The access logs of a connection manager or of a TCP proxy. */
export function accessLogs(logs: readonly AccessLogIr[] | undefined, writer: Writer): AccessLog[] {
  return (logs ?? []).flatMap((log) => {
    const logger = loggerOf(log, writer);
    if (logger === undefined) return [];
    const filter = logFilter(log);
    return [{ ...logger, ...(filter && { filter }) }];
  });
}

const logName = 'MeshAccessLog';

/** undefined where there is no pipe that would take the lines, and no collector for the records. */
function loggerOf(log: AccessLogIr, writer: Writer): Extension | undefined {
  switch (log.kind) {
    case 'file':
      return file(log.path, lineFormat(log.format, writer));
    case 'tcp':
      return log.pipe === undefined ? undefined : file(log.pipe, addressedLineFormat(log.format, log.server, writer));
    case 'referred':
      return undefined;
    case 'collected':
      return extension('envoy.access_loggers.open_telemetry', OpenTelemetryAccessLogConfig, {
        ...(log.path === undefined
          ? { commonConfig: { logName, transportApiVersion: ApiVersion.V3, grpcService: grpcService(log.collector) } }
          : { logName, httpService: httpService(log.collector, log.path) }),
        body: otlpValue(log.body, writer),
        attributes: otlpAttributes(log.attributes, writer),
        resourceAttributes: otlpAttributes(log.resource, writer),
      });
  }
}

/** The standard streams go by their own way: where one is a socket, as a journal's is, it cannot be opened by its name. */
function file(path: string, format: SubstitutionFormatString): Extension {
  const stream = { accessLogFormat: { $case: 'logFormat', value: format } } as const;
  if (path === '/dev/stdout') return extension('envoy.access_loggers.stdout', StdoutAccessLog, stream);
  if (path === '/dev/stderr') return extension('envoy.access_loggers.stderr', StderrAccessLog, stream);
  return extension('envoy.access_loggers.file', FileAccessLog, {
    path,
    accessLogFormat: { $case: 'logFormat', value: format },
  });
}
