import type { MetricFamily } from './metric-family.ts';

export const textFormat = 'text/plain; version=0.0.4; charset=utf-8';

/** Characters; what a socket takes at once, more or less. */
const pieceLength = 64 * 1024;

/**
 * Families in Prometheus' text format 0.0.4, in pieces: with more labels, all of it is several times what was read.
 * @param relabel gives the labels of a sample their final form
 */
export function* renderMetrics(
  families: readonly MetricFamily[],
  relabel: (labels: string) => string = (labels) => labels,
): Generator<string> {
  let piece = '';
  for (const { name, type, help, samples } of families) {
    if (help !== undefined) piece += `# HELP ${name} ${help}\n`;
    piece += `# TYPE ${name} ${type}\n`;
    for (const { name: sample, labels: own, value, timestamp } of samples) {
      const labels = relabel(own);
      piece += labels === '' ? sample : `${sample}{${labels}}`;
      piece += timestamp === undefined ? ` ${value}\n` : ` ${value} ${timestamp}\n`;
      if (piece.length < pieceLength) continue;
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}
