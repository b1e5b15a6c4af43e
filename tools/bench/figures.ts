/** One thing that was measured several times. */
export interface Figure {
  readonly name: string;
  readonly unit: 'ms' | 's' | 'KB' | 'MB' | '%' | '';
  readonly samples: readonly number[];
}

export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export function summarise(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { min: sorted[0]!, median: at(0.5), p99: at(0.99), max: sorted.at(-1)! };
}

const digits = (value: number) =>
  value === 0 ? '0' : value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);

export function printFigures(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, unit, samples }) => {
    const { min, median, p99, max } = summarise(samples);
    return [name, unit, digits(min), digits(median), digits(p99), digits(max), String(samples.length)];
  });
  printTable(['FIGURE', 'UNIT', 'MIN', 'MEDIAN', 'P99', 'MAX', 'N'], rows);
}

/** Ratios of two runs, figure by figure: above 1 the second run is slower or larger. */
export function printComparison(before: readonly Figure[], after: readonly Figure[]): void {
  const rows = after.flatMap((figure) => {
    const other = before.find((each) => each.name === figure.name);
    if (!other) return [];
    const [a, b] = [summarise(other.samples), summarise(figure.samples)];
    return [
      [
        figure.name,
        figure.unit,
        digits(a.median),
        digits(b.median),
        `${(b.median / a.median).toFixed(2)}x`,
        `${(b.max / a.max).toFixed(2)}x`,
      ],
    ];
  });
  printTable(['FIGURE', 'UNIT', 'BEFORE', 'AFTER', 'MEDIAN RATIO', 'MAX RATIO'], rows);
}

function printTable(headers: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headers.map((header, column) => Math.max(header.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('   ');
  console.log([headers, ...rows].map(line).join('\n'));
}
