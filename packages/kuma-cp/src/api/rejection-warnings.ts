import type { DataplaneInsight } from '@kuma-mesh/core-model/generated/types/kuma/insights.ts';
import type { InsightReader } from './resource-reader.ts';

/** So many proxies are named; a policy that is rejected is mostly rejected by all alike. */
const shownProxies = 10;

/** What proxies said that rejected configuration which a policy shaped, in Envoy's words. */
export async function rejectionWarnings(
  policy: { readonly mesh: string; readonly kri: string },
  insights: InsightReader,
): Promise<readonly string[]> {
  const seen = await insights.list({ type: 'DataplaneInsight', mesh: policy.mesh });
  const warnings = seen.flatMap(({ name: proxy, spec }) =>
    ((spec as DataplaneInsight).rejections ?? [])
      .filter(({ origins }) => origins?.includes(policy.kri))
      .map(({ name, message }) => `dataplane "${proxy}" rejected the resource "${name}" that this policy shaped: ${message}`),
  );
  if (warnings.length <= shownProxies) return warnings;
  return [...warnings.slice(0, shownProxies), `and ${warnings.length - shownProxies} more`];
}
