import { Bootstrap } from '@kuma-mesh/envoy-api/generated/envoy/config/bootstrap/v3/bootstrap.ts';
import { overAds } from '../envoy/values.ts';
import { admin } from './admin.ts';
import type { BootstrapParams } from './bootstrap-params.ts';
import { controlPlaneSecret } from './control-plane-tls.ts';
import { discovery } from './discovery.ts';
import { node } from './node.ts';
import { overloadManager } from './overload.ts';
import { runtime } from './runtime.ts';
import { staticClusters } from './static-clusters.ts';
import { statsConfig } from './stats-tags.ts';
import { type Json, toYaml } from './to-yaml.ts';

/**
 * The configuration that Envoy starts with: who it is, and where it gets all else.
 * The text may hold the proxy's token; it is for its kuma-dp and nobody else.
 */
export function encodeBootstrap(params: BootstrapParams): { readonly yaml: string } {
  return { yaml: `${yamlOf(bootstrap(params))}${alike()}` };
}

function yamlOf(part: Bootstrap): string {
  return toYaml(Bootstrap.toJSON(part) as Json);
}

/** The same for all proxies: put into words once. */
let alikeText: string | undefined;
function alike(): string {
  alikeText ??= yamlOf({ layeredRuntime: runtime, statsConfig });
  return alikeText;
}

function bootstrap(params: BootstrapParams): Bootstrap {
  // Without a time limit: a proxy that starts before its control plane waits, and does not go on with nothing.
  const untilItComes = { ...overAds(), initialFetchTimeout: { seconds: 0, nanos: 0 } };
  return {
    node: node(params),
    admin: admin(params.admin),
    staticResources: { clusters: staticClusters(params), secrets: [controlPlaneSecret(params.controlPlane)] },
    dynamicResources: { adsConfig: discovery(params), cdsConfig: untilItComes, ldsConfig: untilItComes },
    ...(params.healthDiscovery && { hdsConfig: discovery({ ...params, delta: false }) }),
    ...(params.maxHeapSizeBytes !== undefined && { overloadManager: overloadManager(params.maxHeapSizeBytes) }),
  };
}
