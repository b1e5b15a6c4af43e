import { escapeLabel, readLabels, writeLabels } from './label-text.ts';

/**
 * Adds labels to those of a sample. Where it has one of these names already, its own is kept as `exported_<name>`, as
 * Prometheus does with labels of its targets.
 */
export function labelsWith(extra: Readonly<Record<string, string>>): (labels: string) => string {
  const pairs = [...new Map(Object.entries(extra).map(([name, value]) => [promName(name), escapeLabel(value)]))];
  if (pairs.length === 0) return (labels) => labels;
  const names = new Set(pairs.map(([name]) => name));
  const suffix = writeLabels(pairs);
  return (labels) => {
    if (labels === '') return suffix;
    const own = readLabels(labels);
    if (!own.some(([name]) => names.has(name))) return `${labels},${suffix}`;
    return `${writeLabels(besideOurs(own, names))},${suffix}`;
  };
}

type Label = readonly [name: string, value: string];

/** A sample's own labels, without the names of ours. */
export function besideOurs(own: readonly Label[], ours: ReadonlySet<string>): readonly Label[] {
  if (!own.some(([name]) => ours.has(name))) return own;
  const taken = new Set([...ours, ...own.map(([name]) => name)]);
  return own.map(([name, value]) => [ours.has(name) ? exported(name, taken) : name, value]);
}

function exported(name: string, taken: ReadonlySet<string>): string {
  const kept = `exported_${name}`;
  return taken.has(kept) ? exported(kept, taken) : kept;
}

/** Names of OpenTelemetry have dots; those that a control plane of Kuma makes of tags may begin with a digit, or come twice. */
function promName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}
