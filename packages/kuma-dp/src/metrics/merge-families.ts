import type { MetricFamily } from './metric-family.ts';

/** Families of several sources as those of one: a name comes once, with everybody's samples, and the first one's type. */
export function mergeFamilies(sources: readonly (readonly MetricFamily[])[]): readonly MetricFamily[] {
  const merged = new Map<string, MetricFamily>();
  for (const family of sources.flat()) {
    const known = merged.get(family.name);
    merged.set(family.name, known ? { ...known, samples: [...known.samples, ...family.samples] } : family);
  }
  return [...merged.values()];
}
