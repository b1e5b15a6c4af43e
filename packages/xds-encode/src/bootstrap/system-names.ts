export interface SystemNames {
  readonly controlPlane: string;
  readonly accessLog: string;
}

const usual: SystemNames = { controlPlane: 'ads_cluster', accessLog: 'access_log_sink' };
const unified: SystemNames = { controlPlane: 'system_ads', accessLog: 'system_access_log_sink' };

/** Names of the static clusters, in either scheme. */
export function systemNames(features: readonly string[]): SystemNames {
  return features.includes('feature-unified-resource-naming') ? unified : usual;
}

/** In both. */
export const allSystemNames: ReadonlySet<string> = new Set([...Object.values(usual), ...Object.values(unified)]);
