import { labelsEnd } from './label-text.ts';
import type { Sample } from './metric-family.ts';

/** A line of a metric that cannot be read. */
export class MetricsSyntaxError extends Error {
  override readonly name = 'MetricsSyntaxError';
}

const beginning = /[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(\{?)/y;
/** Value and time; what follows in OpenMetrics is left out. */
const ending = /\s*([^\s#]+)(?:\s+([^\s#]+))?(?:\s+#.*)?\s*$/y;
const decimal = /^(?:[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)|nan)$/i;
/** Prometheus knows no time before 1970. */
const milliseconds = /^\d{1,18}$/;

/**
 * @returns undefined for a blank line
 * @throws MetricsSyntaxError
 */
export function readSample(line: string, openMetrics: boolean): Sample | undefined {
  const sample = sampleOf(line, openMetrics);
  if (sample === undefined && line.trim() !== '') throw new MetricsSyntaxError(`no metric: ${line.slice(0, 200)}`);
  return sample;
}

function sampleOf(line: string, openMetrics: boolean): Sample | undefined {
  beginning.lastIndex = 0;
  const [, name, brace] = beginning.exec(line) ?? [];
  if (name === undefined) return undefined;
  const open = beginning.lastIndex;
  const close = brace ? labelsEnd(line, open) : open;
  if (close === undefined) return undefined;
  ending.lastIndex = brace ? close + 1 : close;
  const [, value = '', time] = ending.exec(line) ?? [];
  const timestamp = time !== undefined && openMetrics ? String(Math.round(Number(time) * 1000)) : time;
  if (!decimal.test(value) || !milliseconds.test(timestamp ?? '0')) return undefined;
  const labels = line
    .slice(open, close)
    .trimStart()
    .replace(/\s*,?\s*$/, '');
  return { name, labels, value, ...(timestamp !== undefined && { timestamp }) };
}
