import { readLabels, writeLabels } from './label-text.ts';
import type { MetricFamily, Sample } from './metric-family.ts';

/** Part of a service that a route chose by tags: the service, and 16 hex digits. */
const subset = /^(.+)-[0-9a-f]{16}$/;
const clusterLabel = 'envoy_cluster_name';
const maybeSubset = /envoy_cluster_name="[^"]*-[0-9a-f]{16}"/;

/**
 * Adds up what Envoy counts for the parts of one service, since routes come and go and their digits say nothing to people.
 * Envoy's histograms all have the same buckets, so that they add up too; summaries do not.
 */
export function mergeSubsets(families: readonly MetricFamily[]): readonly MetricFamily[] {
  return families.map((family) =>
    family.type !== 'summary' && family.samples.some(({ labels }) => maybeSubset.test(labels)) ? mergeFamily(family) : family,
  );
}

function mergeFamily(family: MetricFamily): MetricFamily {
  const merged = new Map<string, Sample>();
  for (const sample of family.samples) {
    const whole = maybeSubset.test(sample.labels) ? { ...sample, labels: ofService(sample.labels) } : sample;
    const series = `${whole.name}{${whole.labels}}`;
    const known = merged.get(series);
    merged.set(series, known ? { ...known, value: String(Number(known.value) + Number(whole.value)) } : whole);
  }
  return { ...family, samples: [...merged.values()] };
}

function ofService(labels: string): string {
  return writeLabels(
    readLabels(labels).map(([name, value]) => [name, name === clusterLabel ? (subset.exec(value)?.[1] ?? value) : value]),
  );
}
