/** What a control plane has used and done since its start, of its own metrics. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
  /** Configurations of a proxy that were made anew, whole or in part. */
  readonly generations: number;
  readonly responses: number;
  readonly kilobytesSent: number;
}

export async function usageOf(diagnosticsUrl: string): Promise<Usage> {
  const answer = await fetch(`${diagnosticsUrl}/metrics`);
  const text = await answer.text();
  const sum = (metric: string): number => {
    const lines = text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'));
    return lines.reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    residentMegabytes: sum('process_resident_memory_bytes') / 2 ** 20,
    heapMegabytes: sum('nodejs_heap_size_used_bytes') / 2 ** 20,
    generations: sum('xds_generation_seconds_count'),
    responses: sum('xds_responses_sent_total'),
    kilobytesSent: sum('xds_bytes_sent_total') / 1024,
  };
}
