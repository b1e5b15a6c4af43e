/** Names of the static clusters, in either scheme. */
export function systemNames(features: readonly string[]) {
  return features.includes('feature-unified-resource-naming')
    ? { controlPlane: 'system_ads', accessLog: 'system_access_log_sink' }
    : { controlPlane: 'ads_cluster', accessLog: 'access_log_sink' };
}
