import type { MetricFamily } from './metric-family.ts';

export const textFormat = 'text/plain; version=0.0.4; charset=utf-8';

/** Families in Prometheus' text format 0.0.4. */
export function renderMetrics(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const { name, type, help, samples } of families) {
    if (help !== undefined) lines.push(`# HELP ${name} ${help}`);
    lines.push(`# TYPE ${name} ${type}`);
    for (const { name: sample, labels, value, timestamp } of samples) {
      const series = labels === '' ? sample : `${sample}{${labels}}`;
      lines.push(timestamp === undefined ? `${series} ${value}` : `${series} ${value} ${timestamp}`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
