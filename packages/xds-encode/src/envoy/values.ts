import type { Address } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/address.ts';
import type { DataSource } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/base.ts';
import { ApiVersion, type ConfigSource } from '@kuma-mesh/envoy-api/generated/envoy/config/core/v3/config_source.ts';
import type { RegexMatcher } from '@kuma-mesh/envoy-api/generated/envoy/type/matcher/v3/regex.ts';
import type { StringMatcher } from '@kuma-mesh/envoy-api/generated/envoy/type/matcher/v3/string.ts';
import {
  type FractionalPercent,
  FractionalPercent_DenominatorType,
} from '@kuma-mesh/envoy-api/generated/envoy/type/v3/percent.ts';
import type { Duration } from '@kuma-mesh/envoy-api/generated/google/protobuf/duration.ts';

/**
 * Milliseconds, fractions included, as a Duration; an absent one stays absent. Most of Envoy's timers count whole milliseconds
 * and take less than one for none, so that counts as one.
 */
export function duration(time: number | undefined): Duration | undefined {
  if (time === undefined) return undefined;
  const milliseconds = time > 0 ? Math.max(time, 1) : time;
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: Math.min(Math.round((milliseconds - seconds * 1000) * 1e6), 999_999_999) };
}

/** For limits that Envoy has no zero for: absent already means without limit. */
export function limit(milliseconds: number | undefined): Duration | undefined {
  return milliseconds === 0 ? undefined : duration(milliseconds);
}

/** Subscribes over the aggregated stream that delivered the resource itself. */
export function overAds(): ConfigSource {
  return { configSourceSpecifier: { $case: 'ads', value: {} }, resourceApiVersion: ApiVersion.V3 };
}

export function socketAddress(address: string, port: number): Address {
  return { address: { $case: 'socketAddress', value: { address, portSpecifier: { $case: 'portValue', value: port } } } };
}

export function pipeAddress(path: string): Address {
  return { address: { $case: 'pipe', value: { path } } };
}

export function inline(text: string): DataSource {
  return { specifier: { $case: 'inlineString', value: text } };
}

export function exactly(value: string): StringMatcher {
  return { matchPattern: { $case: 'exact', value } };
}

export function beginsWith(value: string): StringMatcher {
  return { matchPattern: { $case: 'prefix', value } };
}

export function matchesRegex(value: string): StringMatcher {
  return { matchPattern: { $case: 'safeRegex', value: regex(value) } };
}

/** RE2, Envoy's only engine. */
export function regex(value: string): RegexMatcher {
  return { regex: value };
}

/** Four decimals are kept of a percentage. */
export function fraction(percentage: number): FractionalPercent {
  return { numerator: Math.round(percentage * 10_000), denominator: FractionalPercent_DenominatorType.MILLION };
}

/** Entries by name: the order of a map is the order on the wire, and with it part of the version. */
export function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
