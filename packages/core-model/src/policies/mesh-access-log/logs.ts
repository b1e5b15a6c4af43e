import type {
  MeshAccessLog_Backend,
  MeshAccessLog_Conf,
  MeshAccessLog_Format,
  MeshAccessLog_OtelBackend,
} from '../../generated/types/kuma/mesh_access_log.ts';
import type { AccessLogIr, LineFormatIr } from '../../ir/index.ts';
import { collectorAt, defaultCollectorPort } from '../collector-address.ts';
import { defined } from '../conf-values.ts';
import { defaultFormat } from './default-formats.ts';
import { otlpValue } from './otlp-value.ts';
import type { LoggedTraffic } from './placeholders.ts';
import { render } from './render.ts';

/** The logs that a configuration asks for, of some traffic. */
export function accessLogs(
  { backends = [] }: MeshAccessLog_Conf,
  handler: 'http' | 'tcp',
  traffic: LoggedTraffic,
): readonly AccessLogIr[] {
  const usual = defaultFormat(handler, traffic.direction);
  return backends.flatMap((backend) => accessLog(backend, usual, traffic) ?? []);
}

function accessLog(
  { type, file, tcp, openTelemetry }: MeshAccessLog_Backend,
  usual: string,
  traffic: LoggedTraffic,
): AccessLogIr | undefined {
  if (type === 'File' && file) return { kind: 'file', path: file.path ?? '', format: lineFormat(file.format, usual, traffic) };
  if (type === 'Tcp' && tcp) return { kind: 'tcp', server: tcp.address ?? '', format: lineFormat(tcp.format, usual, traffic) };
  return type === 'OpenTelemetry' && openTelemetry ? collectedLog(openTelemetry, usual, traffic) : undefined;
}

function lineFormat(format: MeshAccessLog_Format | undefined, usual: string, traffic: LoggedTraffic): LineFormatIr {
  const omitEmpty = format?.omitEmptyValues === true;
  if (format?.type !== 'Json') return { kind: 'plain', line: render(format?.plain || usual, traffic), omitEmpty };
  return { kind: 'json', fields: fields(format.json, traffic), omitEmpty };
}

/** Of every record; those without a value are left out. */
const proxyAttributes = [
  { key: 'kuma.mesh', value: '%KUMA_MESH%' },
  { key: 'kuma.zone', value: '%KUMA_ZONE%' },
  { key: 'kuma.workload', value: '%KUMA_WORKLOAD%' },
];

function collectedLog(
  { endpoint = '', backendRef, attributes, body }: MeshAccessLog_OtelBackend,
  usual: string,
  traffic: LoggedTraffic,
): AccessLogIr {
  const record = {
    body: otlpValue(body ?? usual, traffic),
    attributes: fields(attributes, traffic),
    resource: fields(proxyAttributes, traffic),
  };
  if (backendRef) {
    const { name, labels } = backendRef;
    return { kind: 'referred', backend: defined({ name: name || undefined, labels }), ...record };
  }
  const address = collectorAt(endpoint, defaultCollectorPort);
  return {
    kind: 'collected',
    collector: {
      cluster: `meshaccesslog:opentelemetry:${address.address}:${address.port}`,
      address,
      protocol: 'grpc',
      tls: false,
    },
    ...record,
  };
}

function fields(stated: readonly { readonly key?: string; readonly value?: string }[] = [], traffic: LoggedTraffic) {
  return stated.map(({ key = '', value = '' }) => ({ key, value: render(value, traffic) }));
}
