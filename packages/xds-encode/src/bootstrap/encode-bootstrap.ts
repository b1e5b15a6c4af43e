import { accessLogSocket } from '@kuma-mesh/core-model/dataplane/sidecar-sockets.ts';
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
import { systemNames } from './system-names.ts';
import { type Json, toYaml } from './to-yaml.ts';

/**
 * The configuration that Envoy starts with: who it is, and where it gets all else.
 * The text may hold the proxy's token; it is for its kuma-dp and nobody else.
 */
export function encodeBootstrap(params: BootstrapParams): { readonly yaml: string } {
  return { yaml: `${yamlOf(bootstrap(params))}${staticResources(params)}${alike()}` };
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

/** Stands for the path of the sidecar's own socket. */
const socketOfSidecar = '/access-log.sock';
let lastStatic = { key: '', text: '' };

/** Nearly the same for all that reach the control plane at one address: put into words once. */
function staticResources({ controlPlane, features, token, mesh, name, workdir }: BootstrapParams): string {
  const parts = { controlPlane, names: systemNames(features), withTokenFile: token.kind === 'file' };
  const key = JSON.stringify(parts);
  if (lastStatic.key !== key) {
    const clusters = staticClusters({ ...parts, accessLogSocket: socketOfSidecar });
    const text = yamlOf({ staticResources: { clusters, secrets: [controlPlaneSecret(controlPlane)] } });
    lastStatic = { key, text };
  }
  const socket = accessLogSocket({ mesh, name, workDir: workdir });
  return lastStatic.text.replace(socketOfSidecar, () => toYaml(socket).trimEnd());
}

function bootstrap(params: BootstrapParams): Bootstrap {
  // Without a time limit: a proxy that starts before its control plane waits, and does not go on with nothing.
  const untilItComes = { ...overAds(), initialFetchTimeout: { seconds: 0, nanos: 0 } };
  return {
    node: node(params),
    admin: admin(params.admin),
    dynamicResources: { adsConfig: discovery(params), cdsConfig: untilItComes, ldsConfig: untilItComes },
    ...(params.healthDiscovery && { hdsConfig: discovery({ ...params, delta: false }) }),
    ...(params.maxHeapSizeBytes !== undefined && { overloadManager: overloadManager(params.maxHeapSizeBytes) }),
  };
}
