import { typeUrls } from '@kuma-mesh/xds-encode/encoded.ts';
import { Counter, Gauge, type Registry } from 'prom-client';

const served: ReadonlySet<string> = new Set(Object.values(typeUrls));

/** What Prometheus sees of the streams. */
export interface StreamMetrics {
  opened(): void;
  closed(): void;
  refused(): void;
  pushed(typeUrl: string, bytes: number): void;
  acknowledged(typeUrl: string): void;
  rejected(typeUrl: string): void;
}

export function streamMetrics(registry: Registry): StreamMetrics {
  const registers = [registry];
  const streams = new Gauge({ name: 'xds_streams_active', help: 'Open ADS streams', registers });
  const refusals = new Counter({
    name: 'xds_streams_refused_total',
    help: 'ADS streams refused at their first request',
    registers,
  });
  const perType = ['type_url'] as const;
  const pushes = new Counter({ name: 'xds_responses_sent_total', help: 'xDS responses sent', labelNames: perType, registers });
  const bytesSent = new Counter({
    name: 'xds_bytes_sent_total',
    help: 'Bytes of xDS responses sent',
    labelNames: perType,
    registers,
  });
  const requests = new Counter({
    name: 'xds_requests_received_total',
    help: 'Verdicts of proxies on xDS responses: ACK or NACK',
    labelNames: ['type_url', 'confirmation'] as const,
    registers,
  });
  // Looking a series up by its labels costs more than the rest of sending a response.
  const series = new Map<string, ReturnType<typeof seriesOf>>();
  const seriesOf = (label: string) => ({
    pushes: pushes.labels(label),
    bytesSent: bytesSent.labels(label),
    accepted: requests.labels(label, 'ACK'),
    rejected: requests.labels(label, 'NACK'),
  });
  const of = (typeUrl: string) => {
    const label = labelOf(typeUrl);
    const known = series.get(label) ?? seriesOf(label);
    series.set(label, known);
    return known;
  };
  return {
    opened: () => streams.inc(),
    closed: () => streams.dec(),
    refused: () => refusals.inc(),
    pushed(typeUrl, bytes) {
      of(typeUrl).pushes.inc();
      of(typeUrl).bytesSent.inc(bytes);
    },
    acknowledged: (typeUrl) => of(typeUrl).accepted.inc(),
    rejected: (typeUrl) => of(typeUrl).rejected.inc(),
  };
}

/** A peer may ask for any type; it must not make as many series. */
function labelOf(typeUrl: string): string {
  return served.has(typeUrl) ? typeUrl : 'other';
}
