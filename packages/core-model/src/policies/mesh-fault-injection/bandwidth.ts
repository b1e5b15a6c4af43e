/** In whatever unit: the largest number of nine digits. */
export const highestBandwidth = 999_999_999;

const factors: Readonly<Record<string, number>> = { bps: 1 / 1000, kbps: 1, Mbps: 1000, Gbps: 1_000_000 };

/**
 * Reads `50Mbps` and its kin. By custom 1kbps is a kibibyte a second, and not a kilobit; Envoy knows no part of one.
 * @returns undefined where the text is no bandwidth, or its number is none from 1 to `highestBandwidth`
 */
export function kibibytesPerSecond(text: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,8}) ?([kMG]?bps)$/.exec(text) ?? [];
  return unit === undefined ? undefined : Math.ceil(Number(number) * factors[unit]!);
}
