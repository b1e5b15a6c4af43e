const factors: Readonly<Record<string, number>> = { kbps: 1, Mbps: 1000, Gbps: 1_000_000 };

/**
 * Reads `50Mbps` and its kin. By custom 1kbps is a kibibyte a second, and not a kilobit.
 * @returns undefined where the text is no bandwidth
 */
export function kibibytesPerSecond(text: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,8}) ?([kMG]bps)$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(number) * factors[unit]!;
}
